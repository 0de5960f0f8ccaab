import { type PrivateRedis, startPrivateRedis } from '@switchyard/test-services'
import type { TestContext } from 'vitest'

/** A Redis of the test's own, which it may kill, stop and flush; where none is installed the test is skipped. */
export async function ownRedis({ skip }: Pick<TestContext, 'skip'>): Promise<PrivateRedis> {
  return (await startPrivateRedis()) ?? skip('redis-server is not installed')
}
