import type { Delivery } from './delivery.ts'
import type { Step } from './fault.ts'
import { delayOf, findStep, hasStep } from './step-lookup.ts'

/** How a reply is sent under these steps. */
export function deliveryPlan(steps: readonly Step[]): Delivery {
  const chunkSize = findStep(steps, 'chunk-size')?.bytes
  const contentLengthOff = findStep(steps, 'content-length')?.off
  const breakOff = breakOffOf(steps)
  return {
    beforeHeaders: delayOf(steps, 'slow'),
    beforeFirstEvent: delayOf(steps, 'slow-first-event'),
    betweenEvents: delayOf(steps, 'drip'),
    ...(chunkSize !== undefined && { chunkSize }),
    ...(contentLengthOff !== undefined && { contentLengthOff }),
    ...(breakOff && { breakOff }),
  }
}

function breakOffOf(steps: readonly Step[]): Delivery['breakOff'] {
  const reset = findStep(steps, 'reset')
  if (reset?.atByte !== undefined) return { type: 'reset', atByte: reset.atByte }
  const step = findStep(steps, 'cut') ?? findStep(steps, 'stall')
  return step
}

/** What keeps a request from any answer at all. */
export function refusalOfAnswer(steps: readonly Step[]): 'reset' | 'silence' | undefined {
  const reset = findStep(steps, 'reset')
  if (reset !== undefined && reset.atByte === undefined) return 'reset'
  return hasStep(steps, 'silence') ? 'silence' : undefined
}
