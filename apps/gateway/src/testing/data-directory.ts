import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A data directory for one test. */
export interface TestDataDirectory extends AsyncDisposable {
  readonly path: string
}

/** Makes an empty one; it is removed when it is disposed of. */
export async function testDataDirectory(): Promise<TestDataDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'switchyard-test-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
