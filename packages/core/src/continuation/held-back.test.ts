import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MessageChunk } from '../contract/chunk.ts'
import { HeldBack } from './held-back.ts'

const start: MessageChunk = { type: 'start', model: 'a/m' }
const text: MessageChunk = { type: 'text-delta', id: 0, text: 'Hello' }
const thought: MessageChunk = { type: 'reasoning-delta', id: 1, text: 'Hm.' }
const call: MessageChunk = { type: 'tool-call-start', id: 2, callId: 'call_1', name: 'search' }

describe('what is held back', () => {
  it('is everything until something is visible, and nothing after that where no time is given', () => {
    const held = new HeldBack(0, 0)
    held.add([start, thought], 0)
    expect([held.isVisible, held.due(0), held.dueAt]).toEqual([false, [], undefined])
    held.add([text], 0)
    expect(held.isVisible).toBe(true)
    expect(held.due(0)).toEqual([start, thought, text])
    expect(held.isOver).toBe(true)
  })

  it('is text until its time has passed since the first of it', () => {
    const held = new HeldBack(100, 0)
    held.add([start, text], 10)
    expect([held.due(109), held.dueAt]).toEqual([[], 110])
    held.add([text], 109)
    expect(held.due(110)).toEqual([start, text, text])
    held.add([text], 111)
    expect([held.due(111), held.isOver]).toEqual([[text], true])
  })

  it('is a tool call and all that follows it, not the text before it', () => {
    const held = new HeldBack(0, 1_000)
    held.add([start, text], 0)
    expect(held.due(0)).toEqual([start, text])
    held.add([text, call, text], 50)
    expect(held.due(50)).toEqual([text])
    held.add([thought], 60)
    expect([held.due(1_049), held.dueAt, held.isOver]).toEqual([[], 1_050, false])
    expect(held.due(1_050)).toEqual([call, text, thought])
    held.add([call], 1_060)
    expect([held.due(1_060), held.isOver]).toEqual([[call], true])
  })

  it('is the whole answer where a tool call is the first that is visible', () => {
    const held = new HeldBack(0, 1_000)
    held.add([start, thought, call, text], 0)
    expect([held.isVisible, held.due(0), held.dueAt]).toEqual([true, [], 1_000])
    expect(held.due(1_000)).toEqual([start, thought, call, text])
  })

  it('is given up at the end of the answer', () => {
    const held = new HeldBack(0, 1_000)
    held.add([start, call], 0)
    expect(held.rest()).toEqual([start, call])
    expect([held.rest(), held.dueAt]).toEqual([[], undefined])
  })

  it('comes out in order, each chunk once, no sooner than its time and as soon as it is due', () => {
    const chunk = fc.constantFrom('text', 'call', 'thought' as const)
    const steps = fc.array(fc.tuple(fc.nat(60), fc.array(chunk, { maxLength: 3 })), { maxLength: 15 })
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), steps, (textMs, toolCallMs, given) => {
        const held = new HeldBack(textMs, toolCallMs)
        const all: MessageChunk[] = []
        const out: MessageChunk[] = []
        let now = 0
        let firstText: number | undefined
        let firstCall: number | undefined
        for (const [wait, kinds] of given) {
          now += wait
          const batch = kinds.map(
            (kind): MessageChunk => ({ ...(kind === 'text' ? text : kind === 'call' ? call : thought) }),
          )
          for (const kind of kinds) {
            if (kind === 'text') firstText ??= now
            if (kind === 'call') firstCall ??= now
          }
          all.push(...batch)
          held.add(batch, now)
          const due = held.due(now)
          out.push(...due)
          if (held.isVisible && out.length < all.length) expect(held.dueAt).toBeGreaterThan(now)
          else expect(held.dueAt).toBeUndefined()
          if (due.some(({ type }) => type === 'text-delta'))
            expect(now).toBeGreaterThanOrEqual((firstText ?? 0) + textMs)
          if (due.some(({ type }) => type === 'tool-call-start'))
            expect(now).toBeGreaterThanOrEqual((firstCall ?? 0) + toolCallMs)
        }
        out.push(...held.rest())
        expect(out.every((one, at) => one === all[at])).toBe(true)
        expect(out).toHaveLength(all.length)
      }),
    )
  })
})
