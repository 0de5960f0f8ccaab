import { Fading, type Forgetting } from './fading.ts'

/** A mean in which the recent counts most. */
export class RecentMean {
  readonly #fading: Fading
  #sum = 0
  #weights = 0

  constructor(forgetting: Forgetting) {
    this.#fading = new Fading(forgetting)
  }

  add(value: number, now: number, samples = 1): void {
    const weight = samples * this.#fading.next(now, this.#rescale)
    this.#sum += value * weight
    this.#weights += weight
  }

  get mean(): number {
    return this.#sum / this.#weights
  }

  /** How many samples it stands for. */
  samples(now: number): number {
    return this.#fading.worth(this.#weights, now)
  }

  readonly #rescale = (factor: number): void => {
    this.#sum *= factor
    this.#weights *= factor
  }
}
