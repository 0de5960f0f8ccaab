import type { Step } from './fault.ts'

/** The last step of a type: what was said later, for one request, counts over what was said for all. */
export function findStep<Type extends Step['type']>(
  steps: readonly Step[],
  type: Type,
): Extract<Step, { readonly type: Type }> | undefined {
  for (let index = steps.length - 1; index >= 0; index--) {
    const step = steps[index]
    if (step?.type === type) return step as Extract<Step, { readonly type: Type }>
  }
  return undefined
}

/** As `findStep`, for the types whose steps share one shape. */
export function delayOf(steps: readonly Step[], type: 'slow' | 'slow-first-event' | 'drip'): number {
  for (let index = steps.length - 1; index >= 0; index--) {
    const step = steps[index] as Step
    if (step.type === type) return (step as { readonly ms: number }).ms
  }
  return 0
}

export function hasStep(steps: readonly Step[], type: Step['type']): boolean {
  return steps.some(step => step.type === type)
}
