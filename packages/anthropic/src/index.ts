export { modelDefaults } from './model-defaults.ts'
export { type AnthropicOptions, createAnthropic, createProvider } from './provider.ts'
