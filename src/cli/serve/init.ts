/** `isal init DIR`: keys, the first authority document, the trust file. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashLeaf, sha256 } from '#sha256';
import { ed25519PublicKey } from '#ed25519';
import { requireTellable } from '../../admission/names.ts';
import { AuthoritySnapshot } from '../../attestation/authority.ts';
import { signEnvelope } from '../../attestation/envelope.ts';
import { usualRules, usualSourcesOf } from '../../attestation/kinds/index.ts';
import { decodeAttestation, decodeEnvelope, encodeStatement } from '../../attestation/statement.ts';
import { predicateTypes, statementType } from '../../attestation/types.ts';
import type { AuthorityPredicate, Role, TrustFile } from '../../attestation/types.ts';
import { fromUtf8, toBase64, toHex, utf8 } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { defined } from '../../defined.ts';
import { formatVerifierKey, signerKey, verifierOf } from '../../note/key.ts';
import type { SignerKey } from '../../note/key.ts';
import { requireAskable } from '../../ledger/witnessing/witness-round.ts';
import { parsePolicy } from '../../note/policy.ts';
import { maxTrustBytes } from '../../verifier/trust.ts';
import type { Given } from '../terminal/command.ts';
import type { described } from './commands.ts';
import { createDirectory } from './directory.ts';
import { readSmall } from '../terminal/files.ts';
import { policyWarnings } from '../online/trust.ts';
import { printable } from '../terminal/io.ts';
import type { Io } from '../terminal/io.ts';
import { formatPartyKey } from '../terminal/secret-file.ts';

/**
 * The parties of a trial ledger, each with the sources of what it usually signs,
 * alone or together with others; real ones bring their own document by --genesis.
 */
const trialSigners: readonly {
  readonly role: Role;
  readonly party: 'vendor' | 'supervisor' | { readonly organisation: string };
}[] = [
  { role: 'builder', party: 'vendor' },
  { role: 'database-publisher', party: 'vendor' },
  { role: 'source-custodian', party: 'vendor' },
  { role: 'vendor', party: 'vendor' },
  { role: 'supervisor', party: 'supervisor' },
  { role: 'access-gateway', party: 'supervisor' },
  { role: 'reviewer', party: { organisation: 'Trial Reviewer' } },
  { role: 'rebuilder', party: { organisation: 'Trial Rebuilder' } },
];

const rootKeys = 3;
const rootThreshold = 2;

interface Trial {
  readonly genesis: Uint8Array;
  readonly partyKeys: ReadonlyMap<string, string>;
}

/** A first authority document with fresh keys for every party, for trying the ledger out. */
function trialGenesis(options: { origin: string; vendor: string; supervisor: string; now: number }): Trial {
  const partyKeys = new Map<string, string>();
  const fresh = (file: string): Uint8Array => {
    const seed = new Uint8Array(randomBytes(32));
    partyKeys.set(`${file}.pem`, formatPartyKey(seed));
    return seed;
  };
  const roots = Array.from({ length: rootKeys }, (_, i) => fresh(`root-${i + 1}`));
  const predicate: AuthorityPredicate = {
    origin: options.origin,
    version: 1,
    previous: null,
    occurredAt: new Date(options.now).toISOString(),
    root: { threshold: rootThreshold, keys: roots.map((seed) => toBase64(ed25519PublicKey(seed))) },
    signers: trialSigners.map(({ role, party }) => ({
      name: role,
      organisation: typeof party === 'string' ? options[party] : party.organisation,
      publicKey: toBase64(ed25519PublicKey(fresh(role))),
      roles: [role],
      sources: usualSourcesOf(role),
    })),
    rules: usualRules(),
    revocations: [],
  };
  const statement = {
    _type: statementType,
    subject: [{ digest: { sha256: toHex(sha256(utf8(options.origin))) } }],
    predicateType: predicateTypes.authority,
    predicate,
  };
  const genesis = signEnvelope(encodeStatement(statement), roots.slice(0, rootThreshold));
  return { genesis, partyKeys };
}

/**
 * The trust file of a new ledger; the policy names the Ed25519 key, as most
 * readers want. `witnesses`: lines of a policy, from witnesses to quorum.
 */
export function trustFile(options: {
  logKeys: readonly SignerKey[];
  genesis: Uint8Array;
  url?: string;
  witnesses?: string;
}): TrustFile {
  const [ed25519, postQuantum] = options.logKeys.map((key) => formatVerifierKey(verifierOf(key)));
  const lines = [`log ${ed25519}${options.url === undefined ? '' : ` ${options.url}`}`];
  if (postQuantum !== undefined) {
    lines.push('# The same log signs with ML-DSA-44 too. Listing that key instead of the one above');
    lines.push('# (not beside it: any one listed key satisfies a policy) demands post-quantum strength:');
    lines.push(`# log ${postQuantum}`);
  }
  return {
    format: 'isal-trust/v1',
    policy: `${lines.join('\n')}\n${options.witnesses ?? 'quorum none\n'}`,
    genesis: toHex(hashLeaf(options.genesis)),
  };
}

/** The text of a file of witnesses. Throws `malformed-policy`, `weak-key`, `file-unreadable`, `too-large`. */
async function readWitnesses(path: string, io: Io): Promise<string> {
  const bytes = await readSmall(path, maxTrustBytes);
  const policy = parsePolicy(bytes);
  if (policy.logs.length > 0) {
    throw new LedgerError('malformed-policy', 'the log line of a new ledger comes from its own new key', {
      expected: 'witness, group and quorum lines only',
      got: `${policy.logs.length} log lines`,
    });
  }
  // A ledger that nobody could cosign would never publish anything.
  requireAskable(policy);
  for (const warning of policyWarnings(policy))
    io.stderr(`isal: ${printable(path)}: ${printable(warning)}\n`);
  return fromUtf8(bytes);
}

async function readGenesis(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new LedgerError('file-unreadable', 'the genesis document cannot be read', { got: path, cause });
  }
}

export async function init(
  { values, positionals: [path] }: Given<typeof described.init>,
  io: Io,
): Promise<number> {
  const { origin } = values;
  // It stands for ever; a URL's scheme in it is a slip, and the specification of checkpoints advises against it.
  if (origin.includes('://')) {
    throw new LedgerError('usage', 'an origin is a URL without its scheme', {
      expected: origin.slice(origin.indexOf('://') + 3),
      got: origin,
    });
  }
  const { url } = values;
  // White space in it would end the line of the policy that it stands in.
  if (url !== undefined && !/^https?:\/\/[^\s\p{Cc}]+$/u.test(url)) {
    throw new LedgerError('usage', '--url is not the URL of a ledger', {
      expected: 'http://… or https://…',
      got: url,
    });
  }
  const trial =
    values.genesis === undefined
      ? trialGenesis({ origin, vendor: values.vendor, supervisor: values.supervisor, now: io.now() })
      : { genesis: await readGenesis(values.genesis), partyKeys: new Map<string, string>() };
  // The same judgement that every verifier will make of leaf 0; a genesis that fails it must not become a ledger.
  const leaf0 = decodeAttestation(decodeEnvelope(trial.genesis));
  const snapshot = AuthoritySnapshot.genesis(leaf0);
  requireTellable(leaf0.envelope.payload, leaf0);
  if (snapshot.origin !== origin) {
    throw new LedgerError('origin-mismatch', 'the genesis document is for another origin', {
      expected: origin,
      got: snapshot.origin,
    });
  }
  const witnesses = values.witnesses === undefined ? undefined : await readWitnesses(values.witnesses, io);
  const seed = (): Uint8Array => new Uint8Array(randomBytes(32));
  const postQuantum = !values['no-post-quantum'];
  const logKeys = [signerKey({ name: origin, type: 1, seed: seed() })];
  if (postQuantum) logKeys.push(signerKey({ name: origin, type: 6, seed: seed() }));
  const trust = trustFile({
    logKeys,
    genesis: trial.genesis,
    ...defined({ url, witnesses }),
  });
  await createDirectory(path, {
    config: { format: 'isal-config/v1', origin, postQuantum },
    genesis: trial.genesis,
    trust: `${JSON.stringify(trust, null, 2)}\n`,
    logKeys,
    partyKeys: trial.partyKeys,
  });
  io.stdout(`Made the ledger ${origin} in ${path}.

  ${join(path, 'trust.json')}
      what customers and monitors pin; hand it out apart from the server
  ${join(path, 'keys')}
      the log's own keys${trial.partyKeys.size > 0 ? ', and TRIAL keys for every party: in earnest each party makes\n      its own, and the root keys never touch this machine (isal init --genesis)' : ''}

Next: isal serve ${path}
`);
  return 0;
}
