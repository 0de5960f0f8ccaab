import { SwitchyardError, type Warning } from '@switchyard/core/contract'

/** Collects what a dialect or a model cannot take; a strict one throws instead. */
export class Dropped {
  readonly warnings: Warning[] = []
  readonly #strict: boolean
  readonly #model: string

  constructor(model: string, strict: boolean) {
    this.#model = model
    this.#strict = strict
  }

  /** @throws {SwitchyardError} `unsupported`, naming the setting, when strict. */
  add(setting: string, message: string): void {
    if (this.#strict)
      throw new SwitchyardError('unsupported', `${setting}: ${message}`, { param: setting, model: this.#model })
    this.warnings.push({ setting, message })
  }
}
