// Says which replica it is.
const { createServer } = require('node:http')
const { hostname } = require('node:os')

createServer((_request, response) => response.end(`${hostname()}\n`)).listen(8000)
