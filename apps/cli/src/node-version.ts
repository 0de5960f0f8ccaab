// SQLite is in Node.js without a flag since then
const [leastMajor, leastMinor] = [22, 13]

/** Why a version of Node.js will not do, and the cure; `undefined` where it does. */
export function tooOld(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return undefined
  return `this is Node.js ${version}; it needs ${leastMajor}.${leastMinor} or later. Install one from https://nodejs.org.`
}
