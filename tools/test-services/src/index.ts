export { type PrivateRedis, type PrivateRedisOptions, startPrivateRedis } from './private-redis.ts'
export { findPostgres, findRedis } from './services.ts'
export { createTestDatabase, type TestDatabase } from './test-database.ts'
export { tether } from './tether.ts'
