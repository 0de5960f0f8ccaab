import { breakerProblems } from './breaker-problems.ts'
import { concurrencyLimits } from './concurrency-limits.ts'
import { type ConfigDocument, parseConfigDocument } from './config-document.ts'
import { configNames } from './config-names.ts'
import { rememberOrigin } from './config-origin.ts'
import { type Environment, resolveReferences } from './environment-reference.ts'
import { nameProblems } from './name-problems.ts'
import { ConfigError, type Problem, pathText } from './problem.ts'
import { type Config, configSchema } from './schema.ts'
import { schemaProblems } from './schema-problems.ts'
import { selectionProblems } from './selection-problems.ts'

export interface ParseOptions {
  /** Named in errors. Default `switchyard.yaml`. */
  readonly file?: string
  /** Where `${NAME}` is looked up; default: nothing is set. */
  readonly environment?: Environment
  /** `false` takes `${NAME}` as the text it is. Default `true`. */
  readonly references?: boolean
}

/** Reads and checks a configuration's text, YAML or JSON. @throws {ConfigError} with everything that is wrong. */
export function parseConfig(text: string, options: ParseOptions = {}): Config {
  const document = parseConfigDocument(text, options.file ?? 'switchyard.yaml')
  return checkConfig(document.value, options, document)
}

/** Checks a configuration that is data already. @throws {ConfigError} with everything that is wrong. */
export function checkConfig(
  written: unknown,
  options: ParseOptions = {},
  document?: Pick<ConfigDocument, 'locate'>,
): Config {
  const file = options.file ?? 'switchyard.yaml'
  const { value, problems, hide } =
    options.references === false
      ? { value: written ?? {}, problems: [], hide: (message: string) => message }
      : resolveReferences(written ?? {}, options.environment ?? {})
  const found: Problem[] = [...problems]
  const result = configSchema.safeParse(value)
  const checks = [result.success ? [] : schemaProblems(result.error.issues, value), nameProblems(configNames(value))]
  for (const check of checks) {
    // what is missing or refused already needs no second complaint
    const reported = new Set(found.map(problem => pathText(problem.path)))
    found.push(...check.filter(problem => !reported.has(pathText(problem.path))))
  }
  if (result.success && found.length === 0) {
    const { data } = result
    found.push(...breakerProblems(data), ...selectionProblems(data), ...concurrencyLimits(data).problems)
  }
  if (found.length > 0 || !result.success) {
    throw new ConfigError(
      file,
      found.map(problem => ({ ...problem, message: hide(problem.message), ...document?.locate(problem.path) })),
    )
  }
  rememberOrigin(result.data, { file, document })
  return result.data
}
