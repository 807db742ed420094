package com.procreditbank.kosovo.mpos;

import android.os.Build;
import android.security.keystore.KeyGenParameterSpec;
import android.security.keystore.KeyProperties;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.ProviderException;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Collections;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/** The phone's keeper of keys, for the library, which calls this on its own threads. No key leaves it. */
final class Keys {
    private static final String STORE = "AndroidKeyStore";
    private static final String SEALING = "sealing";
    private static final String SEAL = "AES/GCM/NoPadding";
    private static final int IV_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int STRONG_BOX_SDK = 28;

    private Keys() {}

    /** A new key of this name, in a chip of its own where there is one, and its certificates, its own first. */
    static byte[][] make(String name, byte[] challenge) throws Exception {
        if (Build.VERSION.SDK_INT >= STRONG_BOX_SDK) {
            try {
                return make(spec(name, challenge, true), name);
            } catch (ProviderException noSuchChip) {
                // The main processor's keeper is the next best, and the attestation says which it was.
            }
        }
        return make(spec(name, challenge, false), name);
    }

    private static byte[][] make(KeyGenParameterSpec spec, String name) throws Exception {
        KeyPairGenerator maker = KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, STORE);
        maker.initialize(spec);
        maker.generateKeyPair();
        return chain(name);
    }

    private static KeyGenParameterSpec spec(String name, byte[] challenge, boolean isStrong) throws Exception {
        KeyGenParameterSpec.Builder spec = new KeyGenParameterSpec.Builder(name, KeyProperties.PURPOSE_SIGN)
            .setAlgorithmParameterSpec(new ECGenParameterSpec("secp256r1"))
            .setDigests(KeyProperties.DIGEST_SHA256);
        // Newer than what this is compiled against: attestation came with Android 7, the chip with Android 9.
        spec.getClass().getMethod("setAttestationChallenge", byte[].class).invoke(spec, new Object[] {challenge});
        if (isStrong) spec.getClass().getMethod("setIsStrongBoxBacked", boolean.class).invoke(spec, true);
        return spec.build();
    }

    /** The certificates of a key; none when there is no such key. */
    static byte[][] chain(String name) throws Exception {
        Certificate[] chain = store().getCertificateChain(name);
        byte[][] encoded = new byte[chain == null ? 0 : chain.length][];
        for (int i = 0; i < encoded.length; i++) encoded[i] = chain[i].getEncoded();
        return encoded;
    }

    static byte[] sign(String name, byte[] message) throws Exception {
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign((PrivateKey) store().getKey(name, null));
        signature.update(message);
        return signature.sign();
    }

    /** The initialisation vector, then what is sealed. */
    static byte[] seal(byte[] plain) throws Exception {
        SecretKey key = (SecretKey) store().getKey(SEALING, null);
        if (key == null) {
            KeyGenerator maker = KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, STORE);
            int purposes = KeyProperties.PURPOSE_ENCRYPT | KeyProperties.PURPOSE_DECRYPT;
            maker.init(new KeyGenParameterSpec.Builder(SEALING, purposes)
                .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
                .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
                .setKeySize(256)
                .build());
            key = maker.generateKey();
        }
        Cipher cipher = Cipher.getInstance(SEAL);
        cipher.init(Cipher.ENCRYPT_MODE, key);
        byte[] sealed = cipher.doFinal(plain);
        byte[] whole = Arrays.copyOf(cipher.getIV(), IV_BYTES + sealed.length);
        System.arraycopy(sealed, 0, whole, IV_BYTES, sealed.length);
        return whole;
    }

    static byte[] open(byte[] sealed) throws Exception {
        if (sealed.length < IV_BYTES) throw new GeneralSecurityException("too short to be sealed");
        Cipher cipher = Cipher.getInstance(SEAL);
        cipher.init(Cipher.DECRYPT_MODE, store().getKey(SEALING, null),
            new GCMParameterSpec(TAG_BITS, sealed, 0, IV_BYTES));
        return cipher.doFinal(sealed, IV_BYTES, sealed.length - IV_BYTES);
    }

    /** Every key of this application. */
    static void forget() throws Exception {
        KeyStore store = store();
        for (String name : Collections.list(store.aliases())) store.deleteEntry(name);
    }

    private static KeyStore store() throws Exception {
        KeyStore store = KeyStore.getInstance(STORE);
        store.load(null);
        return store;
    }
}
