package com.procreditbank.kosovo.mpos;

import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigInteger;
import java.security.InvalidAlgorithmParameterException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyPairGeneratorSpi;
import java.security.KeyStoreSpi;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.util.Collections;
import java.util.Date;
import java.util.Enumeration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.KeyGenerator;
import javax.crypto.KeyGeneratorSpi;
import javax.crypto.SecretKey;
import android.security.keystore.KeyGenParameterSpec;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** Stands in for Android Keystore, which a JVM has not: keys in memory, certified by themselves, attesting nothing. */
public final class PhoneKeys extends Provider {
    private static final Provider REAL = new org.bouncycastle.jce.provider.BouncyCastleProvider();
    static final Map<String, Key> KEYS = new ConcurrentHashMap<>();
    private static final Map<String, Certificate> CERTIFICATES = new ConcurrentHashMap<>();

    public PhoneKeys() {
        super("AndroidKeyStore", "1", "stands in for Android Keystore");
        put("KeyStore.AndroidKeyStore", Store.class.getName());
        put("KeyPairGenerator.EC", Pairs.class.getName());
        put("KeyGenerator.AES", Secrets.class.getName());
    }

    /** A phone with no key yet. */
    static void install() {
        KEYS.clear();
        CERTIFICATES.clear();
        Security.removeProvider("AndroidKeyStore");
        Security.addProvider(new PhoneKeys());
    }

    /** The store, read through. */
    public static final class Store extends KeyStoreSpi {
        @Override
        public Key engineGetKey(String name, char[] password) {
            return KEYS.get(name);
        }

        @Override
        public Certificate[] engineGetCertificateChain(String name) {
            Certificate own = CERTIFICATES.get(name);
            return own == null ? null : new Certificate[] {own};
        }

        @Override
        public Enumeration<String> engineAliases() {
            return Collections.enumeration(KEYS.keySet());
        }

        @Override
        public void engineDeleteEntry(String name) {
            KEYS.remove(name);
            CERTIFICATES.remove(name);
        }

        @Override
        public void engineLoad(InputStream in, char[] password) {}

        @Override
        public Certificate engineGetCertificate(String name) {
            return CERTIFICATES.get(name);
        }

        @Override
        public Date engineGetCreationDate(String name) {
            return null;
        }

        @Override
        public void engineSetKeyEntry(String name, Key key, char[] password, Certificate[] chain) {}

        @Override
        public void engineSetKeyEntry(String name, byte[] key, Certificate[] chain) {}

        @Override
        public void engineSetCertificateEntry(String name, Certificate certificate) {}

        @Override
        public boolean engineContainsAlias(String name) {
            return KEYS.containsKey(name);
        }

        @Override
        public int engineSize() {
            return KEYS.size();
        }

        @Override
        public boolean engineIsKeyEntry(String name) {
            return KEYS.containsKey(name);
        }

        @Override
        public boolean engineIsCertificateEntry(String name) {
            return false;
        }

        @Override
        public String engineGetCertificateAlias(Certificate certificate) {
            return null;
        }

        @Override
        public void engineStore(OutputStream out, char[] password) {}
    }

    /** Makes a pair and certifies it. */
    public static final class Pairs extends KeyPairGeneratorSpi {
        private String name;

        @Override
        public void initialize(int bits, SecureRandom random) {}

        @Override
        public void initialize(AlgorithmParameterSpec spec, SecureRandom random)
            throws InvalidAlgorithmParameterException {
            name = ((KeyGenParameterSpec) spec).getKeystoreAlias();
        }

        @Override
        public KeyPair generateKeyPair() {
            try {
                KeyPairGenerator maker = KeyPairGenerator.getInstance("EC", REAL);
                maker.initialize(new ECGenParameterSpec("secp256r1"));
                KeyPair pair = maker.generateKeyPair();
                CERTIFICATES.put(name, certificate(pair));
                KEYS.put(name, pair.getPrivate());
                return pair;
            } catch (Exception cannotBe) {
                throw new IllegalStateException(cannotBe);
            }
        }

        private static Certificate certificate(KeyPair pair) throws Exception {
            AlgorithmIdentifier algorithm = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
            V3TBSCertificateGenerator content = new V3TBSCertificateGenerator();
            content.setSerialNumber(new ASN1Integer(BigInteger.ONE));
            content.setSignature(algorithm);
            content.setIssuer(new X500Name("CN=phone"));
            content.setSubject(new X500Name("CN=phone"));
            content.setStartDate(new Time(new Date(0)));
            content.setEndDate(new Time(new Date(4102444800000L)));
            content.setSubjectPublicKeyInfo(SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()));
            TBSCertificate signed = content.generateTBSCertificate();
            Signature signature = Signature.getInstance("SHA256withECDSA", REAL);
            signature.initSign((PrivateKey) pair.getPrivate());
            signature.update(signed.getEncoded());
            ASN1EncodableVector parts = new ASN1EncodableVector();
            parts.add(signed);
            parts.add(algorithm);
            parts.add(new DERBitString(signature.sign()));
            byte[] encoded = new DERSequence(parts).getEncoded("DER");
            return CertificateFactory.getInstance("X.509")
                .generateCertificate(new java.io.ByteArrayInputStream(encoded));
        }
    }

    /** Makes a secret key. */
    public static final class Secrets extends KeyGeneratorSpi {
        private String name;

        @Override
        protected void engineInit(SecureRandom random) {}

        @Override
        protected void engineInit(AlgorithmParameterSpec spec, SecureRandom random) {
            name = ((KeyGenParameterSpec) spec).getKeystoreAlias();
        }

        @Override
        protected void engineInit(int bits, SecureRandom random) {}

        @Override
        protected SecretKey engineGenerateKey() {
            try {
                KeyGenerator maker = KeyGenerator.getInstance("AES", REAL);
                maker.init(256);
                SecretKey key = maker.generateKey();
                KEYS.put(name, key);
                return key;
            } catch (Exception cannotBe) {
                throw new IllegalStateException(cannotBe);
            }
        }
    }
}
