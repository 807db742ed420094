package com.procreditbank.kosovo.mpos;

import android.nfc.Tag;
import android.os.Bundle;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A virtual card as Android's own Tag and IsoDep see one: what stands in is the system's NFC service behind them, whose
 * classes no application is compiled against. A connection is a tap; commands and answers follow their lengths.
 */
final class HeldCard implements InvocationHandler, AutoCloseable {
    private static final int ISO_DEP = 3;
    private static final int SUCCESS = 0;
    private static final int TAG_LOST = 1;

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;
    volatile int commands;
    volatile int timeout;

    HeldCard(InetSocketAddress card) throws IOException {
        socket = new Socket();
        socket.connect(card);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(socket.getOutputStream());
    }

    Tag tag() throws Exception {
        Class<?> service = Class.forName("android.nfc.INfcTag");
        Object phone = Proxy.newProxyInstance(service.getClassLoader(), new Class<?>[] {service}, this);
        return Tag.class.getConstructor(byte[].class, int[].class, Bundle[].class, int.class, long.class, service)
            .newInstance(new byte[] {8, 1, 2, 3}, new int[] {ISO_DEP}, new Bundle[] {new Bundle()}, 1, 0L, phone);
    }

    @Override
    public Object invoke(Object service, Method method, Object[] arguments) throws Throwable {
        switch (method.getName()) {
            case "connect": return SUCCESS;
            case "setTimeout":
                timeout = (Integer) arguments[1];
                return SUCCESS;
            case "getTimeout": return timeout;
            case "isPresent": return !socket.isClosed();
            case "getMaxTransceiveLength": return 261;
            case "transceive": return transceive((byte[]) arguments[1]);
            case "isTagUpToDate": return true;
            default: return method.getReturnType() == boolean.class ? (Object) false
                : method.getReturnType() == int.class ? (Object) SUCCESS : null;
        }
    }

    private Object transceive(byte[] command) throws Exception {
        Class<?> result = Class.forName("android.nfc.TransceiveResult");
        java.lang.reflect.Constructor<?> make = result.getConstructor(int.class, byte[].class);
        try {
            out.writeShort(command.length);
            out.write(command);
            out.flush();
            byte[] answer = new byte[in.readUnsignedShort()];
            in.readFully(answer);
            commands++;
            return make.newInstance(SUCCESS, answer);
        } catch (IOException taken) {
            return make.newInstance(TAG_LOST, Array.newInstance(byte.class, 0));
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException gone) {
            // As it should be.
        }
    }
}
