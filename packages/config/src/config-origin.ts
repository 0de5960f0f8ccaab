import type { ConfigDocument } from './config-document.ts'
import { ConfigError, type ConfigPath } from './problem.ts'

/** Where a checked configuration was written. */
export interface ConfigOrigin {
  /** As the user named it. */
  readonly file: string
  readonly document?: Pick<ConfigDocument, 'locate'> | undefined
}

// beside the configuration, which holds what was written in it and nothing else
const origins = new WeakMap<object, ConfigOrigin>()

export function rememberOrigin(config: object, origin: ConfigOrigin): void {
  origins.set(config, origin)
}

/** An error about a place in a configuration that was found to be right before. */
export function problemAt(config: object, path: ConfigPath, message: string, file = 'configuration'): ConfigError {
  const origin = origins.get(config)
  return new ConfigError(origin?.file ?? file, [{ path, message, ...origin?.document?.locate(path) }])
}
