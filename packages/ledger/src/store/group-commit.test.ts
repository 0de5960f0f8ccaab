import { describe, expect, it } from 'vitest'
import { GroupCommit } from './group-commit.ts'

const done: PromiseSettledResult<void> = { status: 'fulfilled', value: undefined }

function slowGroup(most = 100) {
  const batches: string[][] = []
  const ends: (() => void)[] = []
  const group = new GroupCommit<string>(async batch => {
    batches.push([...batch])
    await new Promise<void>(resolve => ends.push(resolve))
    return batch.map(name => (name.startsWith('bad') ? { status: 'rejected', reason: new Error(name) } : done))
  }, most)
  const endBatch = async (): Promise<void> => {
    await new Promise(resolve => setImmediate(resolve))
    ends.shift()?.()
    await new Promise(resolve => setImmediate(resolve))
  }
  return { batches, group, endBatch }
}

describe('a group commit', () => {
  it('begins at once, and puts all that comes meanwhile into the next batch', async () => {
    const { batches, group, endBatch } = slowGroup()
    void group.add('first')
    await new Promise(resolve => setImmediate(resolve))
    for (const name of ['second', 'third', 'fourth']) void group.add(name)
    await endBatch()
    expect(batches).toEqual([['first'], ['second', 'third', 'fourth']])
    await endBatch()
    expect(group.isIdle).toBe(true)
  })

  it('puts together what is asked for in one turn', async () => {
    const { batches, group, endBatch } = slowGroup()
    const adding = Promise.all([group.add('a'), group.add('b')])
    await endBatch()
    await adding
    expect(batches).toEqual([['a', 'b']])
  })

  it('confirms nothing before its batch has ended', async () => {
    const { group, endBatch } = slowGroup()
    let confirmed = false
    void group.add('a').then(() => {
      confirmed = true
    })
    await new Promise(resolve => setImmediate(resolve))
    expect(confirmed).toBe(false)
    await endBatch()
    expect(confirmed).toBe(true)
  })

  it('makes no batch larger than it may be', async () => {
    const { batches, group, endBatch } = slowGroup(2)
    for (const name of ['a', 'b', 'c']) void group.add(name)
    await endBatch()
    expect(batches).toEqual([['a', 'b'], ['c']])
    await endBatch()
  })

  it('tells each caller its own outcome', async () => {
    const { group, endBatch } = slowGroup()
    const settled = Promise.allSettled([group.add('good'), group.add('bad one')])
    await endBatch()
    expect(await settled).toEqual([done, { status: 'rejected', reason: new Error('bad one') }])
  })
})
