import type { Config } from '@switchyard/config'

/** The chains that an attempt at `provider/model` came through, as the configuration has them; the asked one first. */
export function chainsThrough(config: Pick<Config, 'chains' | 'providers'>, chain: string, target: string): string[] {
  return [chain, ...(innerChains(config, chain, target) ?? [])]
}

/** `undefined` where the chain does not lead to the target. */
function innerChains(
  config: Pick<Config, 'chains' | 'providers'>,
  chain: string,
  target: string,
): readonly string[] | undefined {
  let found: readonly string[] | undefined
  const { targets = [], onContextLength = [], onContentFilter = [] } = config.chains?.[chain] ?? {}
  for (const written of [...targets, ...onContextLength, ...onContentFilter]) {
    const name = typeof written === 'string' ? written : written.model
    if (config.chains?.[name] !== undefined) {
      const inner = innerChains(config, name, target)
      // more than one way to it: what holds on any of them
      if (inner !== undefined) found = [...new Set([...(found ?? []), name, ...inner])]
    } else if (name === target || `${name}/${config.providers[name]?.model}` === target) found ??= []
  }
  return found
}
