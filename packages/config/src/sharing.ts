import { type Clock, isSwitchyardError, type Random } from '@switchyard/core'
import type { RedisSharing } from '@switchyard/redis'
import { problemAt } from './config-origin.ts'
import type { Config } from './schema.ts'

export interface SharingOptions {
  readonly clock: Clock
  readonly random: Random
  /** Named in errors. */
  readonly file: string | undefined
}

/** What makes several processes count as one, where the configuration has a Redis. */
export async function connectSharing(
  config: Config,
  { clock, random, file }: SharingOptions,
): Promise<RedisSharing | undefined> {
  if (config.redis === undefined) return undefined
  const { url, prefix, whenAway } = config.redis
  const { connectRedis } = await import('@switchyard/redis')
  try {
    return await connectRedis({ url, clock, random, ...(prefix && { prefix }), ...(whenAway && { whenAway }) })
  } catch (error) {
    if (!isSwitchyardError(error)) throw error
    throw problemAt(config, ['redis'], error.message, file)
  }
}
