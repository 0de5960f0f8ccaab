import { EventHub } from '@switchyard/core'
import { expect, test } from 'vitest'
import { createCatalog } from './catalog.ts'
import { announceRetirements } from './retirements.ts'

test('what ends is told as events, with the moment', () => {
  const at = Date.parse('2026-11-20T12:00:00Z')
  const heard: unknown[] = []
  const events = new EventHub()
  events.on('target-retiring', event => heard.push(event))
  const ending = createCatalog().retirements(['anthropic/claude-sonnet-4-5', 'openai/gpt-6-sol'], { at })
  announceRetirements(events, ending, at)
  expect(heard).toEqual([
    {
      at,
      target: 'anthropic/claude-sonnet-4-5',
      state: 'retiring',
      date: '2026-11-30',
      daysLeft: 10,
      message: 'anthropic/claude-sonnet-4-5 will be retired on 2026-11-30, in 10 days.',
    },
  ])
})
