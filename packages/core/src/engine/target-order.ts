import type { Target } from './target.ts'

/** The targets of one request in the order in which they are asked, and where it is. */
export class TargetOrder {
  #targets: readonly Target[]
  #at = 0

  constructor(targets: readonly Target[]) {
    this.#targets = targets
  }

  /** The one whose turn it is; `undefined` when all have had it. */
  get current(): Target | undefined {
    return this.#targets[this.#at]
  }

  /** Those whose turn is still to come. */
  get left(): readonly Target[] {
    return this.#targets.slice(this.#at + 1)
  }

  /** There was a choice from the beginning. */
  get hasSeveral(): boolean {
    return this.#targets.length > 1
  }

  next(): void {
    this.#at++
  }

  restart(): void {
    this.#at = 0
  }

  /** In place of those that are left. */
  replaceLeft(targets: readonly Target[]): void {
    this.#targets = [...this.#targets.slice(0, this.#at + 1), ...targets]
  }

  /** Moves one up, to `places` behind the current; 0 makes it the current one, and that the next. */
  bringForward(target: Target, places: number): void {
    const before = this.#targets.slice(0, this.#at + places)
    const rest = this.#targets.slice(this.#at + places).filter(other => other !== target)
    this.#targets = [...before, target, ...rest]
  }
}
