package android.bluetooth;

/** Robolectric's shadow of BluetoothDevice names it when a tone is played, and its Android 15 lacks it. */
public final class BluetoothDevice$BluetoothAddress {}
