export * from './event-hub.ts'
export * from './event-map.ts'
export * from './queued-listener.ts'
