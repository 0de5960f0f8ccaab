import { describe, expect, test } from 'vitest'
import { ToolCallPairing } from './tool-call-pairing.ts'

describe('a tool call of the wire', () => {
  test('may have the id of an earlier turn, and gets one of ours', () => {
    const pairing = new ToolCallPairing()
    pairing.turn('messages[0]')
    const first = pairing.call('call_0', 'messages[0].id')
    expect(pairing.answer('call_0', 'messages[1].id')).toBe(first)
    pairing.turn('messages[2]')
    const second = pairing.call('call_0', 'messages[2].id')
    expect(first).toBe('call_0')
    expect(second).toMatch(/^call_[a-z0-9]+$/)
    expect(second).not.toBe(first)
    expect(pairing.answer('call_0', 'messages[3].id')).toBe(second)
  })

  test('that is answered twice, or by nobody, is told by its place', () => {
    const pairing = new ToolCallPairing()
    pairing.call('a', 'messages[0].id')
    expect(() => pairing.call('a', 'messages[0].other')).toThrow('messages[0].other ("a") is used twice')
    expect(() => pairing.turn('messages[1]')).toThrow('messages[0].id ("a") is not answered before messages[1]')
    pairing.answer('a', 'messages[1].id')
    expect(() => pairing.answer('a', 'messages[2].id')).toThrow('messages[2].id ("a") answers a call that is answered')
    pairing.turn('messages[3]')
    expect(() => pairing.answer('a', 'messages[4].id')).toThrow('messages[4].id ("a") answers no earlier tool call')
  })

  test('of the legacy kind is known by its name, and need not be answered', () => {
    const pairing = new ToolCallPairing()
    const id = pairing.legacyCall('look', 'messages[0]')
    pairing.turn('messages[1]')
    expect(pairing.legacyAnswer('look', 'messages[1]')).toBe(id)
    expect(() => pairing.legacyAnswer('listen', 'messages[2]')).toThrow('("listen") answers no earlier function_call')
  })
})
