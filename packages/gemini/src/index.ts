export { createGemini, createProvider, type GeminiOptions } from './provider.ts'
