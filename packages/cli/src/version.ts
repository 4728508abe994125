/** Of this client; the engine has its own. */
export const clientVersion = '0.1.0'
