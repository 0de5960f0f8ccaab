import { describe, expect, it } from 'vitest'
import type { ChainOptions } from '../chain/chain-options.ts'
import { chainPorts, chainTargets } from '../chain/chain-targets.ts'
import { MessageOperation } from '../chain/message-operation.ts'
import { SwitchyardError } from '../contract/errors.ts'
import { Call } from '../engine/call.ts'
import { scriptedProvider, VirtualClock } from '../testing/index.ts'
import { Planner } from './planner.ts'

const request = { messages: [{ role: 'user' as const, content: 'Hello?' }] }
const filtered = (): SwitchyardError => new SwitchyardError('content-filter', 'No.')

describe('a route', () => {
  it('says the same of one error, however often it is asked, and gives each list once', () => {
    const clock = new VirtualClock()
    const target = (id: string) => ({ provider: scriptedProvider({ id, clock, script: [] }), model: 'm' })
    const options: ChainOptions = {
      id: 'c',
      clock,
      targets: [target('a')],
      onContentFilter: [target('y'), target('z')],
    }
    const ports = chainPorts(options)
    const planner = new Planner(chainTargets(options, ports), ports, options)
    const operation = new MessageOperation(request, ports, () => undefined)
    const subject = { operation: 'message', request, recorders: [] } as const
    const call = new Call('c', subject, {}, { totalMs: 1, attempts: 1 }, clock, () => 0.5)
    const { after } = planner.route(call, request, operation)
    const [first, second] = [filtered(), filtered()]
    const list = planner.lists.onContentFilter
    expect(after?.(first, [])).toBe(list)
    expect(after?.(first, [])).toBe(list)
    const left = list?.targets.slice(1) ?? []
    expect(after?.(second, left)?.targets).toEqual(left)
    expect(after?.(second, [])?.targets).toEqual(left)
    expect(after?.(filtered(), [])).toBeUndefined()
    expect(after?.(new SwitchyardError('overloaded', 'Later.'), left)).toBeUndefined()
  })
})
