/** The version of the API that is spoken where nothing else is known, as the header `anthropic-version` says it. */
export const newestVersion = '2026-10-21'

/** Whether a version takes sampling settings, documents of the assistant, and no system messages among the others. */
export function isOldVersion(version: string): boolean {
  return version < newestVersion
}
