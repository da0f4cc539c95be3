// Takes a compact JWS apart, strictly: one text has one reading. JSON.parse would take a name
// twice and 60.0 for 60, so the JSON is read here.

const MOST_CHARACTERS = 65_536;
const DEEPEST = 8;

/** Why a document is not believed; `code` is one of those in docs/vectors/README.md. */
export class Distrusted extends Error {
    constructor(code) {
        super(code);
        this.code = code;
    }
}

/** A number as it was written: whether it is whole can still be seen. */
class Numeral {
    constructor(text) {
        this.text = text;
    }
}

/** Gives the bytes that base64url text stands for, if it is the one text that stands for them. */
export function exactly(text) {
    if (typeof text !== "string" || !/^[A-Za-z0-9_-]*$/.test(text)) throw new Distrusted("MALFORMED");
    const raw = Buffer.from(text, "base64url");
    if (raw.toString("base64url") !== text) throw new Distrusted("MALFORMED");
    return raw;
}

/** Gives header and claims of a compact JWS as Maps; nothing of them is believed yet. */
export function takenApart(text) {
    if (typeof text !== "string" || text.length > MOST_CHARACTERS) throw new Distrusted("MALFORMED");
    const pieces = text.split(".");
    if (pieces.length !== 3) throw new Distrusted("MALFORMED");
    const [header, claims, signature] = pieces.map(exactly);
    if (signature.length !== 64) throw new Distrusted("SIGNATURE_INVALID");
    const parts = { header: object(header), claims: object(claims) };
    if (parts.header.has("crit")) throw new Distrusted("MALFORMED");
    return parts;
}

/** Gives the moment that a claim states, in Unix seconds. */
export function moment(value) {
    const whole = value instanceof Numeral && /^(?:\d{1,12}|-0)$/.test(value.text);
    if (!whole || Number(value.text) > 253_402_300_799) throw new Distrusted("MALFORMED");
    return Math.abs(Number(value.text));
}

function object(raw) {
    let text;
    try {
        // With `ignoreBOM` a byte order mark stays in the text, where no JSON may begin with it.
        text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
    } catch {
        throw new Distrusted("MALFORMED");
    }
    const read = new Reader(text).whole();
    if (!(read instanceof Map)) throw new Distrusted("MALFORMED");
    return read;
}

/** Reads one JSON text (RFC 8259) into Maps, arrays, strings, Numerals, booleans and null. */
class Reader {
    constructor(text) {
        this.text = text;
        this.place = 0;
    }

    whole() {
        const value = this.value(1);
        this.next(/[ \t\n\r]*/y);
        if (this.place !== this.text.length) throw new Distrusted("MALFORMED");
        return value;
    }

    value(depth) {
        if (this.takes("{")) return this.members(this.within(depth));
        if (this.takes("[")) return this.items(this.within(depth));
        const text = this.string();
        if (text !== undefined) return text;
        const number = this.next(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y);
        if (number) return new Numeral(number);
        const word = this.next(/true|false|null/y);
        if (word) return JSON.parse(word);
        throw new Distrusted("MALFORMED");
    }

    members(depth) {
        const read = new Map();
        if (this.takes("}")) return read;
        do {
            this.next(/[ \t\n\r]*/y);
            const name = this.string();
            if (name === undefined || read.has(name) || !this.takes(":")) {
                throw new Distrusted("MALFORMED");
            }
            read.set(name, this.value(depth));
        } while (this.takes(","));
        if (!this.takes("}")) throw new Distrusted("MALFORMED");
        return read;
    }

    items(depth) {
        const read = [];
        if (this.takes("]")) return read;
        do read.push(this.value(depth));
        while (this.takes(","));
        if (!this.takes("]")) throw new Distrusted("MALFORMED");
        return read;
    }

    string() {
        // Which escapes there are, JSON.parse knows; control characters may not stand in it.
        const quoted = this.next(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y);
        return quoted === undefined ? undefined : JSON.parse(quoted);
    }

    within(depth) {
        if (depth > DEEPEST) throw new Distrusted("MALFORMED");
        return depth + 1;
    }

    takes(symbol) {
        this.next(/[ \t\n\r]*/y);
        if (this.text[this.place] !== symbol) return false;
        this.place += 1;
        this.next(/[ \t\n\r]*/y);
        return true;
    }

    next(form) {
        form.lastIndex = this.place;
        const found = form.exec(this.text);
        if (!found) return undefined;
        this.place = form.lastIndex;
        return found[0];
    }
}
