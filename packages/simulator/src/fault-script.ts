import type { IncomingMessage } from 'node:http'
import type { Fault, ScriptEntry, Step } from './fault.ts'
import { checkStep, parseSteps, stepsOf } from './fault-parsing.ts'
import { simulateMetadata } from './request-intake.ts'

/** What the next requests get: scripted, standing, during an outage, and by their own wish. */
export class FaultScript {
  #entries: (readonly Step[])[] = []
  #standing: readonly Step[] = []
  #outage: readonly Step[] | undefined

  /** @throws {TypeError} when a step is not one that the simulator knows. */
  add(entries: readonly ScriptEntry[]): void {
    for (const entry of entries) {
      const steps = stepsOf(entry)
      for (const [index, step] of steps.entries()) checkStep(step, `script[${index}]`)
      this.#entries.push(steps)
    }
  }

  /** @throws {TypeError} when a fault is not one that the simulator knows. */
  stand(fault: Fault | readonly Fault[] = []): void {
    const steps = stepsOf(fault)
    for (const step of steps) checkStep(step, 'fault')
    this.#standing = steps
  }

  /** @throws {TypeError} when the fault is not one that the simulator knows. */
  outage(fault: Fault | undefined): void {
    if (fault !== undefined) checkStep(fault, 'fault')
    this.#outage = fault && [fault]
  }

  clear(): void {
    this.#entries = []
    this.#standing = []
    this.#outage = undefined
  }

  /** What one request gets. @throws {TypeError} when what it wishes for is not known. */
  next(request: IncomingMessage, body: unknown): readonly Step[] {
    if (this.#outage !== undefined) return this.#outage
    const scripted = this.#entries.shift() ?? []
    const header = request.headers['x-simulate']
    const metadata = simulateMetadata(body)
    return [
      ...this.#standing,
      ...scripted,
      ...(metadata === undefined ? [] : parseSteps(metadata, 'metadata.simulate')),
      ...(typeof header === 'string' ? parseSteps(header, 'x-simulate') : []),
    ]
  }
}
