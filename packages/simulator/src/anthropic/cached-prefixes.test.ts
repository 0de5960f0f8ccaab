import { describe, expect, it } from 'vitest'
import { CachedPrefixes } from './cached-prefixes.ts'

const mark = (ttl?: string) => ({ cache_control: { type: 'ephemeral', ...(ttl && { ttl }) } })
// every word is a token
const text = (words: string, marked: object = {}) => ({ type: 'text', text: words, ...marked })
const asking = (content: readonly object[], rest: object = {}) => ({
  model: 'claude-sim',
  messages: [{ role: 'user', content }],
  ...rest,
})

describe('a cached prefix', () => {
  it('is written up to its mark, and read when it comes again', () => {
    const prefixes = new CachedPrefixes()
    const body = asking([text('a b c', mark()), text('d e')])
    expect(prefixes.use(body)).toEqual({ cachedTokens: 0, cacheWriteTokens: { '5m': 3 } })
    expect(prefixes.use(body)).toEqual({ cachedTokens: 3, cacheWriteTokens: {} })
  })

  it('grows with the conversation, wherever the mark moves', () => {
    const prefixes = new CachedPrefixes()
    prefixes.use(asking([text('a b c', mark())]))
    const longer = asking([text('a b c'), text('d e', mark('1h'))])
    expect(prefixes.use(longer)).toEqual({ cachedTokens: 3, cacheWriteTokens: { '1h': 2 } })
    expect(prefixes.use(longer)).toEqual({ cachedTokens: 5, cacheWriteTokens: {} })
  })

  it('is written once where a later one is known', () => {
    const prefixes = new CachedPrefixes()
    prefixes.use(asking([text('a'), text('b c', mark())]))
    const more = asking([text('a', mark('1h')), text('b c'), text('d', mark())])
    expect(prefixes.use(more)).toEqual({ cachedTokens: 3, cacheWriteTokens: { '5m': 1 } })
  })

  it('is not read without a mark', () => {
    const prefixes = new CachedPrefixes()
    prefixes.use(asking([text('a b c', mark())]))
    expect(prefixes.use(asking([text('a b c')]))).toEqual({ cachedTokens: 0, cacheWriteTokens: {} })
  })

  it('belongs to its model and to every block before it', () => {
    const prefixes = new CachedPrefixes()
    prefixes.use(asking([text('a b c', mark())]))
    const none = { cachedTokens: 0 }
    expect(prefixes.use({ ...asking([text('a b c', mark())]), model: 'claude-sim-small' })).toMatchObject(none)
    expect(prefixes.use(asking([text('a b c', mark())], { system: 'd' }))).toMatchObject(none)
  })

  it('can be all of the request', () => {
    const prefixes = new CachedPrefixes()
    const body = asking([text('a b'), text('c')], mark())
    expect(prefixes.use(body)).toEqual({ cachedTokens: 0, cacheWriteTokens: { '5m': 3 } })
    expect(prefixes.use(asking([text('a b'), text('c'), text('d')], mark()))).toEqual({
      cachedTokens: 3,
      cacheWriteTokens: { '5m': 1 },
    })
  })
})
