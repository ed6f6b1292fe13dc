package org.draugar.notifications;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EllipticCurve;
import java.util.Arrays;

/** Keys on the curve P-256 (SEC 2, 2.4.2), as bytes and as Java's objects. */
final class P256 {
    private static final int COORDINATE = 32;
    /** Of a public key in the uncompressed form (SEC 1, 2.3.3). */
    static final int PUBLIC = 1 + 2 * COORDINATE;

    private static final ECParameterSpec CURVE = curve();
    private static final String EC = "EC";

    private P256() {}

    private static ECParameterSpec curve() {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec("secp256r1"));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has P-256", e);
        }
    }

    static KeyPair generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(EC);
            generator.initialize(CURVE);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has P-256", e);
        }
    }

    /** @throws InvalidKeyException when it is no point of the curve in the uncompressed form */
    static ECPublicKey publicKey(byte[] bytes) throws InvalidKeyException {
        if (bytes.length != PUBLIC || bytes[0] != 4) {
            throw new InvalidKeyException("not uncompressed");
        }
        BigInteger x = new BigInteger(1, Arrays.copyOfRange(bytes, 1, 1 + COORDINATE));
        BigInteger y = new BigInteger(1, Arrays.copyOfRange(bytes, 1 + COORDINATE, PUBLIC));
        requireOnCurve(x, y);
        try {
            return (ECPublicKey)
                    KeyFactory.getInstance(EC).generatePublic(new ECPublicKeySpec(new ECPoint(x, y), CURVE));
        } catch (GeneralSecurityException e) {
            throw new InvalidKeyException(e);
        }
    }

    /** SEC 1, 3.2.2.1. Java takes any two numbers for a point. */
    private static void requireOnCurve(BigInteger x, BigInteger y) throws InvalidKeyException {
        EllipticCurve curve = CURVE.getCurve();
        BigInteger p = ((java.security.spec.ECFieldFp) curve.getField()).getP();
        BigInteger right = x.pow(3).add(curve.getA().multiply(x)).add(curve.getB());
        if (x.compareTo(p) >= 0
                || y.compareTo(p) >= 0
                || !y.pow(2).subtract(right).mod(p).equals(BigInteger.ZERO)) {
            throw new InvalidKeyException("not on the curve");
        }
    }

    static ECPrivateKey privateKey(byte[] bytes) {
        try {
            return (ECPrivateKey)
                    KeyFactory.getInstance(EC).generatePrivate(new ECPrivateKeySpec(new BigInteger(1, bytes), CURVE));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("No private key of P-256", e);
        }
    }

    static byte[] bytes(ECPublicKey key) {
        byte[] bytes = new byte[PUBLIC];
        bytes[0] = 4;
        System.arraycopy(bytes(key.getW().getAffineX()), 0, bytes, 1, COORDINATE);
        System.arraycopy(bytes(key.getW().getAffineY()), 0, bytes, 1 + COORDINATE, COORDINATE);
        return bytes;
    }

    static byte[] bytes(ECPrivateKey key) {
        return bytes(key.getS());
    }

    /** With zeros before it, and without a sign. */
    private static byte[] bytes(BigInteger number) {
        byte[] bytes = number.toByteArray();
        byte[] fixed = new byte[COORDINATE];
        int length = Math.min(bytes.length, COORDINATE);
        System.arraycopy(bytes, bytes.length - length, fixed, COORDINATE - length, length);
        return fixed;
    }
}
