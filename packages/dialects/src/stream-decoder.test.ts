import { type MessageChunk, SwitchyardError } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { type BodyReader, decodeBody, type StreamDecoder } from './stream-decoder.ts'

const ping: MessageChunk = { type: 'ping' }
const finish: MessageChunk = { type: 'finish', reason: 'stop' }

// each byte is an instruction: p a ping, n nothing, f the finish, e a ping and then a failure, E a failure
class Instructed implements StreamDecoder {
  state: 'open' | 'finished' | 'failed' = 'open'
  decode(bytes: Uint8Array): readonly MessageChunk[] {
    const failure = new SwitchyardError('unavailable', 'gone')
    if (this.state === 'failed') throw failure
    switch (String.fromCharCode(bytes[0] ?? 0)) {
      case 'p':
        return [ping]
      case 'f':
        this.state = 'finished'
        return [finish]
      case 'e':
        this.state = 'failed'
        return [ping]
      case 'E':
        this.state = 'failed'
        throw failure
      case 'x':
        this.state = 'failed'
        return []
      default:
        return []
    }
  }
  end(): readonly MessageChunk[] {
    return []
  }
}

function bodyOf(script: string, options: { releases?: boolean; cancelFails?: boolean } = {}) {
  let at = 0
  const seen = { reads: 0, cancelled: 0, released: 0 }
  const body: BodyReader = {
    read: async () => {
      seen.reads++
      return at < script.length ? new Uint8Array([script.charCodeAt(at++)]) : undefined
    },
    ...(options.releases && {
      release: () => {
        seen.released++
      },
    }),
    cancel: () => {
      seen.cancelled++
      if (options.cancelFails) throw new Error('cancelling failed')
    },
  }
  return { body, seen }
}

const turn = () => new Promise(resolve => setImmediate(resolve))

describe('decodeBody', () => {
  test('passes over reads that hold no chunk, and releases a finished body without reading on', async () => {
    const { body, seen } = bodyOf('pnnpfn', { releases: true })
    const source = decodeBody(body, new Instructed())
    expect(await source.read()).toEqual([ping])
    expect(await source.read()).toEqual([ping])
    expect(await source.read()).toEqual([finish])
    expect(seen).toEqual({ reads: 5, cancelled: 0, released: 1 })
    expect(await source.read()).toBeUndefined()
    await turn()
    expect(seen.reads).toBe(5)
  })

  test('cancels a finished body that cannot be released', async () => {
    const { body, seen } = bodyOf('fn', { cancelFails: true })
    expect(await decodeBody(body, new Instructed()).read()).toEqual([finish])
    await turn()
    expect(seen).toEqual({ reads: 1, cancelled: 1, released: 0 })
  })

  test('throws a failure that came behind chunks at the next read, without reading more', async () => {
    const { body, seen } = bodyOf('ep')
    const source = decodeBody(body, new Instructed())
    expect(await source.read()).toEqual([ping])
    await expect(source.read()).rejects.toMatchObject({ kind: 'unavailable' })
    expect(seen).toMatchObject({ reads: 1, cancelled: 1 })
  })

  test.each(['E', 'x'])('cancels the body when decoding fails (%s)', async script => {
    const { body, seen } = bodyOf(script, { cancelFails: true })
    const source = decodeBody(body, new Instructed())
    await expect(source.read()).rejects.toMatchObject({ kind: 'unavailable' })
    expect(seen.cancelled).toBe(1)
    expect(await source.read()).toBeUndefined()
  })

  test('ends when the body ends and the decoder has nothing to say', async () => {
    const { body } = bodyOf('')
    const source = decodeBody(body, new Instructed())
    expect(await source.read()).toBeUndefined()
  })

  test('cancels at once and reads no more', async () => {
    const { body, seen } = bodyOf('pp')
    const source = decodeBody(body, new Instructed())
    await source.read()
    await source.cancel('enough')
    expect(seen.cancelled).toBe(1)
    expect(await source.read()).toBeUndefined()
    expect(seen.reads).toBe(1)
  })

  test('tells a failing body to its reader, and cancels it', async () => {
    const { seen } = bodyOf('')
    const broken: BodyReader = {
      read: async () => {
        throw new SwitchyardError('network', 'reset')
      },
      cancel: () => {
        seen.cancelled++
      },
    }
    await expect(decodeBody(broken, new Instructed()).read()).rejects.toMatchObject({ kind: 'network' })
    expect(seen.cancelled).toBe(1)
  })
})
