/**
 * Milliseconds that this process has computed for since it began. A test that
 * bounds how much work something is compares these: time by the clock also
 * passes while others use the machine.
 */
export function computedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
