import { describe, expect, it } from 'vitest'
import { EventHub } from './event-hub.ts'
import { type QueuedListener, type QueuedListenerOptions, queuedListener } from './queued-listener.ts'

interface Slow {
  readonly hub: EventHub
  readonly listener: QueuedListener<'attempt-started'>
  readonly began: number[]
  finishOne(): Promise<void>
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** A listener whose handler takes until `finishOne`. */
function slow(options?: QueuedListenerOptions): Slow {
  const began: number[] = []
  const finish: (() => void)[] = []
  const listener = queuedListener<'attempt-started'>(event => {
    began.push(event.attempt)
    return new Promise<void>(resolve => finish.push(resolve))
  }, options)
  const hub = new EventHub()
  hub.on('attempt-started', listener)
  const finishOne = async (): Promise<void> => {
    finish.shift()?.()
    await turn()
  }
  return { hub, listener, began, finishOne }
}

function emit(hub: EventHub, from: number, to: number): void {
  for (let attempt = from; attempt <= to; attempt++) hub.emit('attempt-started', { at: 0, target: 'a/b', attempt })
}

describe('a queued listener', () => {
  it('hands events on in order, one at a time, never in the emitter’s own turn', async () => {
    const { hub, began, finishOne } = slow()
    emit(hub, 1, 3)
    expect(began).toEqual([])
    await turn()
    expect(began).toEqual([1])
    await finishOne()
    expect(began).toEqual([1, 2])
    await finishOne()
    await finishOne()
    emit(hub, 4, 4)
    await turn()
    expect(began).toEqual([1, 2, 3, 4])
  })

  it('drops the oldest that wait when there are too many, and counts them', async () => {
    const dropped: number[] = []
    const { hub, listener, began, finishOne } = slow({ capacity: 2, onDropped: count => dropped.push(count) })
    emit(hub, 1, 1)
    await turn()
    emit(hub, 2, 6)
    expect(dropped).toEqual([1, 2, 3])
    expect(listener.dropped()).toBe(3)
    await finishOne()
    await finishOne()
    expect(began).toEqual([1, 5, 6])
  })

  it('drains when all that waited is done with, later events notwithstanding', async () => {
    const { hub, listener, finishOne } = slow()
    await listener.drain()
    emit(hub, 1, 2)
    let drained = false
    const draining = listener.drain().then(() => {
      drained = true
    })
    await turn()
    emit(hub, 3, 3)
    await finishOne()
    expect(drained).toBe(false)
    await finishOne()
    await draining
  })

  it('drains also by dropping', async () => {
    const { hub, listener, began, finishOne } = slow({ capacity: 1 })
    emit(hub, 1, 1)
    await turn()
    emit(hub, 2, 2)
    const draining = listener.drain()
    emit(hub, 3, 3)
    await finishOne()
    await draining
    expect(began).toEqual([1, 3])
  })

  it('forgets what waits when it is closed, lets the handler finish and takes nothing more', async () => {
    const { hub, listener, began, finishOne } = slow()
    emit(hub, 1, 3)
    await turn()
    const draining = listener.drain()
    listener.close()
    emit(hub, 4, 4)
    await finishOne()
    await draining
    expect(began).toEqual([1])
  })

  it('goes on after a handler that fails, and tells what it failed with', async () => {
    const errors: unknown[] = []
    const handled: number[] = []
    const listener = queuedListener<'attempt-started'>(
      ({ attempt }) => {
        if (attempt === 1) throw new Error('thrown')
        if (attempt === 2) return Promise.reject(new Error('rejected'))
        handled.push(attempt)
      },
      {
        onError: error => {
          errors.push(error)
          throw error
        },
      },
    )
    for (let attempt = 1; attempt <= 3; attempt++) listener({ at: 0, target: 'a/b', attempt }, 'attempt-started')
    await listener.drain()
    expect(errors).toEqual([new Error('thrown'), new Error('rejected')])
    expect(handled).toEqual([3])
  })

  it('needs nobody to tell of failures', async () => {
    const listener = queuedListener(() => Promise.reject(new Error('rejected')))
    listener({ at: 0, provider: 'a', durationMs: 1 }, 'provider-disposed')
    await listener.drain()
    expect(listener.dropped()).toBe(0)
  })
})
