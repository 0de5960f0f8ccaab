export * from './event-hub.ts'
export * from './event-map.ts'
