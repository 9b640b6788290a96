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
 *
 * Source ids hold no byte below 0x21, so 00 ends them.
 */
import { concat, readUint64, uint64, utf8 } from '../bytes.ts';

const prefix = (octet: number, ...rest: readonly Uint8Array[]): Uint8Array =>
  concat(Uint8Array.of(octet), ...rest);

export const stateKey: Uint8Array = prefix(1);
export const peaksKey: Uint8Array = prefix(2);
export const sourceKey = (source: string): Uint8Array => prefix(3, utf8(source));
export const numberKey = (source: string, seq: number): Uint8Array =>
  prefix(4, utf8(source), Uint8Array.of(0), uint64(seq));
export const documentKey = (index: number): Uint8Array => prefix(5, uint64(index));
export const findingKey = (n: number): Uint8Array => prefix(6, uint64(n));
export const openKey = (id: string): Uint8Array => prefix(7, utf8(id));
export const signersKey = (leafHash: Uint8Array): Uint8Array => prefix(9, leafHash);
export const coverageKey = (source: string): Uint8Array => prefix(10, utf8(source));
export const channelKey = (channel: string): Uint8Array => prefix(8, utf8(channel));

/** All rows of one kind, as a range. */
export const allOf = (octet: 3 | 5 | 6 | 7 | 10): { gte: Uint8Array; lt: Uint8Array } => ({
  gte: prefix(octet),
  lt: prefix(octet + 1),
});

/** The integer behind the first byte of a key. */
export const numberIn = (key: Uint8Array): number => readUint64(key, 1);
