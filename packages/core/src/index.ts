export * from './clock/clock.ts'
export * from './clock/system-clock.ts'
export * from './contract/index.ts'
