export { connectRedis, type RedisSharing } from './connect-redis.ts'
export type { RedisOptions, RedisState } from './redis-options.ts'
