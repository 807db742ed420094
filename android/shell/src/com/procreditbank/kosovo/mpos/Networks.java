package com.procreditbank.kosovo.mpos;

import android.net.ConnectivityManager;
import android.net.Network;
import android.net.NetworkCapabilities;
import android.net.NetworkRequest;
import java.util.HashSet;
import java.util.Set;

/** Tells the library which networks come and go: a line to the bank dies with its network, and a new one may be tried. */
final class Networks extends ConnectivityManager.NetworkCallback {
    private final MainActivity activity;
    private final ConnectivityManager manager;
    private final Set<Network> present = new HashSet<Network>();

    /** Those that are there already are told at once, as coming. */
    Networks(MainActivity activity) {
        this.activity = activity;
        manager = activity.getSystemService(ConnectivityManager.class);
        if (manager.getActiveNetwork() == null) tell();
        manager.registerNetworkCallback(new NetworkRequest.Builder()
            .addCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET)
            .build(), this);
    }

    void end() {
        manager.unregisterNetworkCallback(this);
    }

    @Override
    public void onAvailable(Network network) {
        if (present.add(network)) tell();
    }

    @Override
    public void onLost(Network network) {
        present.remove(network);
        tell();
    }

    private void tell() {
        activity.tell(ScreenEvent.network(0, !present.isEmpty()));
    }
}
