// Checks every example of a file of vectors; prints a line each and ends with 1 if one is misread.
//
//     npm ci && node verify.mjs [../documents.json]

import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

import { Distrusted } from "./read.mjs";
import { certified, claimsByDevice, opened } from "./trust.mjs";

const OF_DEVICES = /^(activation-request|usage-bundle|deactivation-receipt)\+jwt$/;
const file = process.argv[2]
    ? pathToFileURL(process.argv[2])
    : new URL("../documents.json", import.meta.url);

/** Gives what this reader says of an example: a code, or an empty text if it is believed. */
async function verdict(example, roots) {
    const { text, kind, at, product_id: productId, revoked, device_key: deviceKey } = example;
    try {
        if (kind === "signing-certificate+jwt") await certified(text, { roots });
        else if (OF_DEVICES.test(kind)) await claimsByDevice(text, kind, { deviceKey });
        else await opened(text, kind, { roots, at, productId, revoked });
    } catch (error) {
        if (!(error instanceof Distrusted)) throw error;
        return error.code;
    }
    return "";
}

const vectors = JSON.parse(await readFile(file, "utf-8"));
for (const example of [...vectors.genuine, ...vectors.distrusted]) {
    const said = await verdict(example, vectors.roots);
    const right = said === example.code;
    console.log(`${right ? "ok" : "WRONG"}\t${said || "believed"}\t${example.name}`);
    if (!right) process.exitCode = 1;
}
