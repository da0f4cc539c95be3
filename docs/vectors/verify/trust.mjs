// Whom a document is believed: root, certificate, document, in the order of docs/vectors/README.md.

import { calculateJwkThumbprint, compactVerify, importJWK } from "jose";

import { Distrusted, exactly, moment, takenApart } from "./read.mjs";

const CERTIFICATE = "signing-certificate+jwt";
const OF_DEVICES = ["activation-request+jwt", "usage-bundle+jwt", "deactivation-receipt+jwt"];
const SKEW = 300;
const P = 2n ** 255n - 19n;
// Under a key of small order a signature can be made that fits any message.
const SMALL_ORDER = new Set([
    0n,
    1n,
    P - 1n,
    P,
    P + 1n,
    0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
    0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
]);

/**
 * Gives the claims of a document that one of the vendor's keys signed and that holds at `at`.
 *
 * `roots` are JWKs by their names, `at` is in Unix seconds, `productId` undefined takes any
 * product, `revoked` names the keys that are not believed any more. Throws `Distrusted`.
 */
export async function opened(text, kind, { roots, at, productId, revoked = [] }) {
    const { header, claims } = takenApart(text);
    if (header.get("typ") !== kind) throw new Distrusted("TYPE_MISMATCH");
    const certificate = await certified(header.get("cert"), { roots });
    if (header.get("kid") !== certificate.kid) throw new Distrusted("CERT_INVALID");
    await checkSignature(text, header, certificate.jwk);
    if (revoked.includes(certificate.kid)) throw new Distrusted("KEY_REVOKED");
    if (!certificate.kinds.includes(kind)) throw new Distrusted("CERT_INVALID");
    const product = claims.has("aud") ? claims.get("aud") : "";
    // Empty: a key of the whole installation, not of one product.
    if (certificate.productId !== "" && product !== certificate.productId) {
        throw new Distrusted("CERT_INVALID");
    }
    if (productId !== undefined && product !== productId) throw new Distrusted("PRODUCT_MISMATCH");
    checkTimes(claims, certificate, at);
    return claims;
}

/** Gives the signing key that a certificate vouches for, at whatever time. */
export async function certified(text, { roots }) {
    try {
        const { header, claims } = takenApart(text);
        if (header.get("typ") !== CERTIFICATE) throw new Distrusted("CERT_INVALID");
        const root = header.get("kid");
        if (!Object.hasOwn(roots, root)) throw new Distrusted("KEY_UNKNOWN");
        await checkSignature(text, header, roots[root]);
        return await vouchedFor(claims);
    } catch (error) {
        if (!(error instanceof Distrusted)) throw error;
        throw new Distrusted(error.code === "KEY_UNKNOWN" ? "KEY_UNKNOWN" : "CERT_INVALID");
    }
}

/** Gives the claims of what a device signed: with `deviceKey`, or with the key that it states. */
export async function claimsByDevice(text, kind, { deviceKey } = {}) {
    const { header, claims } = takenApart(text);
    if (!OF_DEVICES.includes(kind) || header.get("typ") !== kind) {
        throw new Distrusted("TYPE_MISMATCH");
    }
    await checkSignature(text, header, deviceKey ?? jwkIn(header.get("jwk")));
    return claims;
}

async function vouchedFor(claims) {
    const confirmed = claims.get("cnf");
    const jwk = jwkIn(confirmed instanceof Map ? confirmed.get("jwk") : undefined);
    const kid = await calculateJwkThumbprint(jwk, "sha256");
    const kinds = claims.get("use");
    // The name is the key's own: a genuine certificate beside another key would show here.
    if (claims.get("sub") !== kid || !Array.isArray(kinds)) throw new Distrusted("CERT_INVALID");
    return {
        kid,
        jwk,
        kinds,
        productId: claims.has("aud") ? claims.get("aud") : "",
        notBefore: moment(claims.get("nbf")),
        signsUntil: moment(claims.get("signs_until")),
        expiresAt: moment(claims.get("exp")),
    };
}

function jwkIn(stated) {
    const [kty, crv] = stated instanceof Map ? [stated.get("kty"), stated.get("crv")] : [];
    if (kty !== "OKP" || crv !== "Ed25519") throw new Distrusted("MALFORMED");
    const raw = exactly(stated.get("x"));
    const number = BigInt(`0x0${Buffer.from(raw).reverse().toString("hex")}`);
    // The highest bit is a sign and no part of the number.
    if (raw.length !== 32 || SMALL_ORDER.has(BigInt.asUintN(255, number))) {
        throw new Distrusted("MALFORMED");
    }
    return { kty, crv, x: stated.get("x") };
}

/** The algorithm is ours, whatever the header says. */
async function checkSignature(text, header, jwk) {
    // Claims that are not encoded (RFC 7797) would have to be named in `crit`.
    if (header.get("b64") === false) throw new Distrusted("SIGNATURE_INVALID");
    try {
        await compactVerify(text, await importJWK(jwk, "EdDSA"), { algorithms: ["EdDSA"] });
    } catch {
        throw new Distrusted("SIGNATURE_INVALID");
    }
}

/** Ends are half-open: at `exp` itself a document has expired. */
function checkTimes(claims, certificate, at) {
    const [issued, ends] = [moment(claims.get("iat")), moment(claims.get("exp"))];
    const starts = claims.has("nbf") ? moment(claims.get("nbf")) : issued;
    if (issued < certificate.notBefore || issued > certificate.signsUntil) {
        throw new Distrusted("CERT_INVALID");
    }
    if (Math.max(issued, starts) > at + SKEW) throw new Distrusted("NOT_YET_VALID");
    if (at >= ends) throw new Distrusted("FILE_EXPIRED");
    if (at >= certificate.expiresAt) throw new Distrusted("CERT_INVALID");
}
