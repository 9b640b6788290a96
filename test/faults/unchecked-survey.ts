/**
 * The control of bit-flips.faults.ts: the rows of a store compared with each other as `isal store check` does it, and
 * no checksum of a block. It reads through LevelDB, and so may end by a signal.
 *
 *     node unchecked-survey.js DATABASE      exits with 0 (nothing found) or 1
 */
import { Level } from 'level';
import { Survey } from '../../src/ledger/survey.ts';
import { headKey, parseHead, type Row, type StorageReader } from '../../src/storage/storage.ts';

const db = new Level<Uint8Array, Uint8Array>(process.argv[2] ?? '', {
  keyEncoding: 'view',
  valueEncoding: 'view',
  createIfMissing: false,
});
const plain = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const storage: StorageReader = {
  get: async (key) => {
    const value = await db.get(key);
    return value === undefined ? undefined : plain(value);
  },
  getMany: async (keys) =>
    (await db.getMany([...keys])).map((value) => (value === undefined ? undefined : plain(value))),
  async *range({ gte, lt, limit = Infinity, reverse = false }): AsyncGenerator<Row> {
    for await (const [key, value] of db.iterator({ gte, lt, limit, reverse }))
      yield [plain(key), plain(value)];
  },
  head: async () => {
    const row = await db.get(headKey);
    return row === undefined ? undefined : parseHead(plain(row));
  },
};

let found = false;
try {
  await db.open();
  for await (const _ of new Survey({ storage, anchored: undefined }).run()) found = true;
} catch {
  found = true;
}
process.exit(found ? 1 : 0);
