import { SwitchyardError } from '@switchyard/core'

/** Where in a configuration something is: keys and list positions from the top. */
export type ConfigPath = readonly (string | number)[]

/** One thing that is wrong, and its cure. */
export interface Problem {
  readonly path: ConfigPath
  readonly message: string
  /** Of the text, from 1; absent where the configuration has no text. */
  readonly line?: number
  readonly column?: number
}

const marker = Symbol.for('switchyard.config-error')

/** Everything that is wrong with a configuration, at once; `message` is fit for a terminal. Values never appear in it. */
export class ConfigError extends SwitchyardError {
  /** The file, or what else the configuration came from. */
  readonly file: string
  readonly problems: readonly Problem[]

  constructor(file: string, problems: readonly Problem[]) {
    const sorted = [...problems].sort((one, other) => (one.line ?? 0) - (other.line ?? 0))
    super('invalid-request', sorted.map(problem => problemLine(file, problem)).join('\n'))
    this.file = file
    this.problems = sorted
    Object.defineProperty(this, marker, { value: true })
  }

  override get name(): string {
    return 'ConfigError'
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[marker] === true
  }
}

function problemLine(file: string, problem: Problem): string {
  const line = problem.line === undefined ? '' : `:${problem.line}`
  const path = problem.path.length === 0 ? '' : `${pathText(problem.path)}: `
  return `${file}${line}: ${path}${problem.message}`
}

/** `chains.fast.targets[1].model`. */
export function pathText(path: ConfigPath): string {
  let text = ''
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`
    else text += text === '' ? key : `.${key}`
  }
  return text
}
