/** What happened in one run, in order: its fingerprint always, its words where somebody wants to read them. */
export class Trace {
  readonly lines: string[] | undefined
  #low = 0x811c9dc5
  #high = 0x01000193

  constructor(readable: boolean) {
    this.lines = readable ? [] : undefined
  }

  /** `what` decides the fingerprint; `detail` is for readers alone. */
  add(what: string, detail?: () => string): void {
    for (let at = 0; at < what.length; at++) {
      const code = what.charCodeAt(at)
      this.#low = Math.imul(this.#low ^ code, 0x01000193)
      this.#high = Math.imul(this.#high ^ code, 0x85ebca6b)
    }
    this.#high ^= this.#low >>> 13
    this.lines?.push(detail === undefined ? what : `${what} ${detail()}`)
  }

  /** The same for runs in which the same happened in the same order. */
  get fingerprint(): number {
    return (this.#high >>> 0) * 2 ** 21 + (this.#low >>> 11)
  }
}
