import { describe, expect, it } from 'vitest'
import type { MessageChunk } from './chunk.ts'
import { SwitchyardError } from './errors.ts'
import type { MessageResponse } from './response.ts'
import { type ChunkSource, type MessageStream, messageStream, wholeMessageStream } from './stream.ts'

const start: MessageChunk = { type: 'start', model: 'openai/gpt' }
const open: MessageChunk = { type: 'text-start', id: 0 }
const delta = (text: string): MessageChunk => ({ type: 'text-delta', id: 0, text })
const close: MessageChunk = { type: 'text-end', id: 0, complete: true }
const finish: MessageChunk = { type: 'finish', reason: 'stop' }

type Read = readonly MessageChunk[] | 'end' | 'pending' | Error

class Source implements ChunkSource {
  reads = 0
  cancels: unknown[] = []
  readonly #script: Read[]
  #reject: ((error: unknown) => void) | undefined

  constructor(...script: Read[]) {
    this.#script = script
  }

  read(): Promise<readonly MessageChunk[] | undefined> {
    this.reads++
    const next = this.#script.shift()
    if (next === undefined) throw new Error('read after the end')
    if (next instanceof Error) return Promise.reject(next)
    if (next !== 'pending') return Promise.resolve(next === 'end' ? undefined : next)
    return new Promise((_, reject) => {
      this.#reject = reject
    })
  }

  cancel(reason?: unknown): void {
    this.cancels.push(reason)
    this.#reject?.(new Error('closed'))
  }
}

async function listOf<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}

describe('a stream', () => {
  it('gives chunks one by one, in order, and reads no further than its finish', async () => {
    const source = new Source([start], [], [open, delta('Hel'), delta('lo')], [close, finish])
    expect(await listOf(messageStream(source))).toEqual([start, open, delta('Hel'), delta('lo'), close, finish])
    expect(source.reads).toBe(4)
    expect(source.cancels).toEqual([])
  })

  it('gives what one read held together', async () => {
    const batches = messageStream(new Source([start, open], [close, finish])).batches()
    expect(await listOf(batches)).toEqual([
      [start, open],
      [close, finish],
    ])
    expect(await batches.next()).toEqual({ done: true, value: undefined })
  })

  it('gives the whole answer', async () => {
    const stream = messageStream(new Source([start, open, delta('Hi')], [close, finish]))
    expect(await stream.response()).toEqual({
      model: 'openai/gpt',
      content: [{ type: 'text', text: 'Hi' }],
      reason: 'stop',
    })
  })

  it('that ends without a finish is truncated, once', async () => {
    const iterator = messageStream(new Source([start], 'end')).batches()
    await iterator.next()
    await expect(iterator.next()).rejects.toMatchObject({ kind: 'truncated' })
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  it('throws what breaks it, after all that came before, once', async () => {
    const broken = new SwitchyardError('overloaded', 'Busy.')
    const iterator = messageStream(new Source([start], broken))[Symbol.asyncIterator]()
    expect(await iterator.next()).toEqual({ done: false, value: start })
    await expect(iterator.next()).rejects.toBe(broken)
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  it('whose read throws at once is over, too', async () => {
    const stream = messageStream({
      read: () => {
        throw new SwitchyardError('network', 'no socket')
      },
      cancel: () => undefined,
    })
    const batches = stream.batches()
    await expect(batches.next()).rejects.toMatchObject({ kind: 'network' })
    expect(await batches.next()).toMatchObject({ done: true })
  })

  it('tells a broken answer’s reader what had arrived', async () => {
    const broken = new SwitchyardError('network', 'Reset.', { code: 'ECONNRESET' })
    await expect(messageStream(new Source([start, open, delta('Hel')], broken)).response()).rejects.toMatchObject({
      kind: 'network',
      code: 'ECONNRESET',
      partial: { model: 'openai/gpt', content: [{ type: 'text', text: 'Hel', complete: false }] },
    })
  })

  it('keeps a partial answer that the error brings, and errors that are not ours', async () => {
    const partial = { model: 'a/b', content: [] }
    const known = new SwitchyardError('network', 'Reset.', { partial })
    await expect(messageStream(new Source([start], known)).response()).rejects.toBe(known)
    const foreign = new RangeError('a bug')
    await expect(messageStream(new Source([start], foreign)).response()).rejects.toBe(foreign)
  })

  it('whose chunks make no answer closes its source', async () => {
    const source = new Source([start, delta('of nothing')], 'pending')
    await expect(messageStream(source).response()).rejects.toMatchObject({ kind: 'protocol' })
    expect(source.cancels).toHaveLength(1)
  })

  it('has one consumer', async () => {
    const stream = messageStream(new Source([start, finish]))
    stream.batches()
    expect(() => stream[Symbol.asyncIterator]()).toThrow(TypeError)
    expect(() => stream.batches()).toThrow(TypeError)
    await expect(stream.response()).rejects.toThrow(TypeError)
  })

  it('is read one at a time', async () => {
    const stream = messageStream(new Source('pending'))
    const iterator = stream.batches()
    const first = iterator.next()
    await expect(iterator.next()).rejects.toThrow('still pending')
    await stream.cancel()
    await expect(first).rejects.toMatchObject({ kind: 'aborted' })
  })

  it('is its own iterator', () => {
    const batches = messageStream(new Source()).batches()
    expect(batches[Symbol.asyncIterator]()).toBe(batches)
    const chunks = messageStream(new Source())[Symbol.asyncIterator]() as AsyncIterableIterator<MessageChunk>
    expect(chunks[Symbol.asyncIterator]()).toBe(chunks)
  })
})

describe('leaving early', () => {
  it('by a break closes the source', async () => {
    const source = new Source([start, open, delta('Hel')], 'pending')
    const stream = messageStream(source)
    for await (const chunk of stream) if (chunk.type === 'text-start') break
    expect(source.cancels).toEqual([undefined])
    expect(source.reads).toBe(1)
  })

  it('gives nothing more, and no error', async () => {
    for (const take of [
      (stream: MessageStream) => stream.batches() as AsyncIterator<unknown>,
      (stream: MessageStream) => stream[Symbol.asyncIterator]() as AsyncIterator<unknown>,
    ]) {
      const source = new Source([start, open], 'pending')
      const iterator = take(messageStream(source))
      await iterator.next()
      expect(await iterator.return?.()).toEqual({ done: true, value: undefined })
      expect(await iterator.return?.()).toEqual({ done: true, value: undefined })
      expect(await iterator.next()).toEqual({ done: true, value: undefined })
      expect(source.cancels).toHaveLength(1)
    }
  })

  it('after the finish closes nothing', async () => {
    const source = new Source([start, finish])
    const stream = messageStream(source)
    for await (const chunk of stream) if (chunk.type === 'finish') break
    await stream.cancel()
    expect(source.cancels).toEqual([])
  })

  it('by `await using` closes the source', async () => {
    const source = new Source([start])
    {
      await using stream = messageStream(source)
      expect(stream).toBeDefined()
    }
    expect(source.cancels).toHaveLength(1)
  })
})

describe('cancelling', () => {
  it('ends a pending read with the reason, and closes the source once', async () => {
    const source = new Source('pending')
    const stream = messageStream(source)
    const reading = stream.response()
    const reason = new SwitchyardError('timeout', 'Too slow.', { phase: 'idle' })
    await Promise.all([
      stream.cancel(reason),
      stream.cancel('again'),
      expect(reading).rejects.toMatchObject({ kind: 'timeout', phase: 'idle' }),
    ])
    expect(source.cancels).toEqual([reason])
  })

  it('between two reads is told at the next, not taken for an end', async () => {
    const stream = messageStream(new Source([start], 'pending'))
    const iterator = stream.batches()
    await iterator.next()
    await stream.cancel()
    await expect(iterator.next()).rejects.toMatchObject({ kind: 'aborted' })
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  it('shows nothing more of what was already read', async () => {
    const stream = messageStream(new Source([start, open, delta('Hel')], 'pending'))
    const iterator = stream[Symbol.asyncIterator]()
    await iterator.next()
    await stream.cancel()
    await expect(iterator.next()).rejects.toMatchObject({ kind: 'aborted' })
  })

  it('before the first read never reads', async () => {
    const source = new Source([start, finish])
    const stream = messageStream(source)
    await stream.cancel()
    await expect(stream.response()).rejects.toMatchObject({ kind: 'aborted' })
    expect(source.reads).toBe(0)
  })

  it('wins over a read that still brings something', async () => {
    let bring: ((batch: readonly MessageChunk[]) => void) | undefined
    const stream = messageStream({
      read: () =>
        new Promise(resolve => {
          bring = resolve
        }),
      cancel: () => bring?.([start, finish]),
    })
    const reading = stream.batches().next()
    await stream.cancel()
    await expect(reading).rejects.toMatchObject({ kind: 'aborted' })
  })
})

describe('a stream of an answer that arrived whole', () => {
  const response: MessageResponse = { model: 'a/b', content: [{ type: 'text', text: 'Hi' }], reason: 'stop' }

  it('gives the very answer', async () => {
    expect(await wholeMessageStream(response).response()).toBe(response)
  })

  it('gives chunks to who wants them', async () => {
    const types = (await listOf(wholeMessageStream(response))).map(chunk => chunk.type)
    expect(types).toEqual(['start', 'text-start', 'text-delta', 'text-end', 'finish'])
    expect((await listOf(wholeMessageStream(response).batches())).flat()).toHaveLength(5)
  })

  it('has one consumer, and nothing for it after it was cancelled', async () => {
    const taken = wholeMessageStream(response)
    await taken.response()
    await expect(taken.response()).rejects.toThrow(TypeError)
    await taken.cancel()
    for (const read of [
      (stream: MessageStream) => stream.response(),
      (stream: MessageStream) => stream.batches().next(),
      (stream: MessageStream) => stream[Symbol.asyncIterator]().next(),
    ]) {
      const cancelled = wholeMessageStream(response)
      await cancelled[Symbol.asyncDispose]()
      await expect(read(cancelled)).rejects.toMatchObject({ kind: 'aborted' })
    }
  })
})
