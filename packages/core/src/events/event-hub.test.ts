import { describe, expect, it } from 'vitest'
import { EventHub } from './event-hub.ts'
import type { AttemptStartedEvent } from './event-map.ts'

const started: AttemptStartedEvent = { at: 1, target: 'openai/gpt', attempt: 1 }

describe('an event hub', () => {
  it('tells those who listen for the name, then those who listen for everything, in order', () => {
    const hub = new EventHub()
    const told: unknown[] = []
    hub.on('*', (event, name) => told.push(['every', name, event]))
    hub.on('attempt-started', event => told.push(['first', event.target]))
    hub.on('attempt-started', (_, name) => told.push(['second', name]))
    hub.on('attempt-failed', () => told.push('other'))
    hub.emit('attempt-started', started)
    expect(told).toEqual([
      ['first', 'openai/gpt'],
      ['second', 'attempt-started'],
      ['every', 'attempt-started', started],
    ])
  })

  it('says whether anybody would hear an event', () => {
    const hub = new EventHub()
    expect(hub.has('attempt-started')).toBe(false)
    const stop = hub.on('attempt-started', () => undefined)
    expect([hub.has('attempt-started'), hub.has('attempt-failed')]).toEqual([true, false])
    stop()
    expect(hub.has('attempt-started')).toBe(false)
    const stopEvery = hub.on('*', () => undefined)
    expect(hub.has('attempt-failed')).toBe(true)
    stopEvery()
    expect(hub.has('attempt-failed')).toBe(false)
  })

  it('takes one registration away, once, however often the same listener is there', () => {
    const hub = new EventHub()
    let told = 0
    const listener = (): number => told++
    const stop = hub.on('attempt-started', listener)
    hub.on('attempt-started', listener)
    stop()
    stop()
    hub.emit('attempt-started', started)
    expect(told).toBe(1)
  })

  it('is harmed by no listener: what they throw or reject goes to the sink, and the others are told', async () => {
    const failures: unknown[] = []
    const hub = new EventHub({ onListenerError: (error, name) => failures.push([error, name]) })
    let told = 0
    hub.on('attempt-started', () => {
      throw new Error('thrown')
    })
    hub.on('attempt-started', async () => {
      throw new Error('rejected')
    })
    hub.on('attempt-started', () => told++)
    hub.emit('attempt-started', started)
    expect(told).toBe(1)
    await new Promise(resolve => setImmediate(resolve))
    expect(failures).toEqual([
      [new Error('thrown'), 'attempt-started'],
      [new Error('rejected'), 'attempt-started'],
    ])
  })

  it('is harmed neither without a sink nor by one that throws', async () => {
    const throwing = (): never => {
      throw new Error('thrown')
    }
    for (const hub of [new EventHub(), new EventHub({ onListenerError: throwing })]) {
      hub.on('attempt-started', throwing)
      hub.on('attempt-started', () => Promise.reject(new Error('rejected')))
      hub.emit('attempt-started', started)
    }
    await new Promise(resolve => setImmediate(resolve))
  })

  it('tells a listener that was added during an event from the next one on', () => {
    const hub = new EventHub()
    let told = 0
    const stop = hub.on('attempt-started', () => {
      stop()
      hub.on('attempt-started', () => told++)
    })
    hub.emit('attempt-started', started)
    expect(told).toBe(0)
    hub.emit('attempt-started', started)
    expect(told).toBe(1)
  })

  it('tells a listener nothing more once it was taken away, even in the middle of an event', () => {
    const hub = new EventHub()
    const told: string[] = []
    hub.on('attempt-started', () => {
      told.push('first')
      stop()
    })
    const stop = hub.on('attempt-started', () => told.push('second'))
    hub.on('attempt-started', () => told.push('third'))
    hub.emit('attempt-started', started)
    expect(told).toEqual(['first', 'third'])
  })
})
