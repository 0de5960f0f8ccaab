export { createOllama, createProvider, type OllamaOptions } from './provider.ts'
