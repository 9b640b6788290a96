/**
 * Row keys of a monitor's store. One store follows one log; its storage head
 * is the monitor's position: `size` leaves have been judged, and `root` is the
 * root over exactly those.
 *
 *     01                               what else is known (JSON, state.ts)
 *     02                               peaks of the tree at the position, 32 bytes each
 *     03 source                        {"ranges":[[from,to],…],"heard":seconds}
 *     04 source 00 number (uint64)     index of the entry that used the number (uint64)
 *     05 index (uint64)                an authority document that was in force: its leaf
 *     06 n (uint64)                    finding number n (JSON): the outbox
 *     07 id                            number of the finding that is open under this id (uint64)
 *     08 channel                       number of the next finding to be delivered there (uint64)
 *     09 leaf hash                     keyids on that leaf, 32 bytes each, and its index (uint64)
 *     0a source                        [[from,to],…]: the periods that summaries of the source cover,
 *                                      in milliseconds since the epoch
 *     0b family 00 platform 00 index (uint64)    what a chain needs of an update (JSON, histories.ts)
 *     0c family 00 platform            where the chain is broken (JSON); null from when an update of it
 *                                      comes until it is judged again
 *     0d region 00 index (uint64)      a statement about the region (JSON)
 *
 * Sources, families, platforms and regions hold no byte below 0x21, so 00 ends them.
 */
import { concat, fromUtf8, readUint64, uint64, utf8 } from '../bytes.ts';

const prefix = (octet: number, ...rest: readonly Uint8Array[]): Uint8Array =>
  concat(Uint8Array.of(octet), ...rest);

const zero = Uint8Array.of(0);

export const stateKey: Uint8Array = prefix(1);
export const peaksKey: Uint8Array = prefix(2);
export const sourceKey = (source: string): Uint8Array => prefix(3, utf8(source));
export const numberKey = (source: string, seq: number): Uint8Array =>
  prefix(4, utf8(source), zero, uint64(seq));
export const documentKey = (index: number): Uint8Array => prefix(5, uint64(index));
export const findingKey = (n: number): Uint8Array => prefix(6, uint64(n));
export const openKey = (id: string): Uint8Array => prefix(7, utf8(id));
export const signersKey = (leafHash: Uint8Array): Uint8Array => prefix(9, leafHash);
export const coverageKey = (source: string): Uint8Array => prefix(10, utf8(source));
const updatesKey = (family: string, platform: string): Uint8Array =>
  prefix(11, utf8(family), zero, utf8(platform), zero);
export const updateKey = (family: string, platform: string, index: number): Uint8Array =>
  concat(updatesKey(family, platform), uint64(index));
export const chainKey = (family: string, platform: string): Uint8Array =>
  prefix(12, utf8(family), zero, utf8(platform));
export const statementKey = (region: string, index: number): Uint8Array =>
  prefix(13, utf8(region), zero, uint64(index));
export const channelKey = (channel: string): Uint8Array => prefix(8, utf8(channel));

/** All rows of one kind, as a range. */
export const allOf = (octet: 3 | 5 | 6 | 7 | 10 | 12 | 13): { gte: Uint8Array; lt: Uint8Array } => ({
  gte: prefix(octet),
  lt: prefix(octet + 1),
});

/** The updates of one chain, in the order of the log. */
export const updatesOf = (family: string, platform: string): { gte: Uint8Array; lt: Uint8Array } => {
  const gte = updatesKey(family, platform);
  return { gte, lt: concat(gte.subarray(0, -1), Uint8Array.of(1)) };
};

/** Family and platform in the key of a chain. */
export const chainIn = (key: Uint8Array): { family: string; platform: string } => {
  const [family = '', platform = ''] = fromUtf8(key.subarray(1)).split('\0');
  return { family, platform };
};

/** The integer behind the first byte of a key. */
export const numberIn = (key: Uint8Array): number => readUint64(key, 1);
