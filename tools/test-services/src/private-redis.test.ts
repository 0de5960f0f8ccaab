import { expect, test } from 'vitest'
import { startPrivateRedis } from './private-redis.ts'

test('a private Redis answers on the same port after a restart, and forgets', async context => {
  await using redis = await startPrivateRedis()
  if (redis === undefined) return context.skip('no redis-server')
  await redis.command('SET', 'name', 'value')
  expect(await redis.command('GET', 'name')).toBe('$5\r\nvalue\r\n')
  await redis.restart()
  expect(await redis.command('GET', 'name')).toBe('$-1\r\n')
})

test('a durable one remembers', async context => {
  await using redis = await startPrivateRedis({ durable: true })
  if (redis === undefined) return context.skip('no redis-server')
  await redis.command('SET', 'name', 'value')
  await redis.restart()
  expect(await redis.command('GET', 'name')).toBe('$5\r\nvalue\r\n')
})

test('it answers nobody after it has been stopped', async context => {
  const redis = await startPrivateRedis()
  if (redis === undefined) return context.skip('no redis-server')
  await redis.stop()
  await redis.stop()
  await expect(redis.command('PING')).rejects.toThrow('ECONNREFUSED')
})
