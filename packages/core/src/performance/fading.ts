// beyond this, weights are brought back to 1 before a float loses the small ones
const heaviest = 1e12

export interface Forgetting {
  /** After so many milliseconds a sample counts half as much. */
  readonly halfLifeMs: number
  /** After about so many others it counts a third as much: a change shows after a share of them, however many come. */
  readonly memory: number
}

/** Lets samples count less as time passes and as others follow, by giving later ones more weight. */
export class Fading {
  readonly #rate: number
  readonly #growth: number
  #weight = 1
  #at: number | undefined

  constructor({ halfLifeMs, memory }: Forgetting) {
    this.#rate = Math.LN2 / halfLifeMs
    this.#growth = 1 + 1 / memory
  }

  /** What a sample that comes now weighs; `rescale` is told by what factor all earlier ones have to shrink, if at all. */
  next(now: number, rescale: (factor: number) => void): number {
    const weight = this.#at === undefined ? 1 : this.#weight * this.#aged(now) * this.#growth
    this.#at = now
    this.#weight = weight
    if (weight > heaviest) {
      rescale(1 / weight)
      this.#weight = 1
    }
    return this.#weight
  }

  /** What a sum of weights is worth at this moment, in samples. */
  worth(sum: number, now: number): number {
    return sum / (this.#weight * this.#aged(now))
  }

  #aged(now: number): number {
    return this.#at === undefined ? 1 : Math.exp(Math.max(0, now - this.#at) * this.#rate)
  }
}
