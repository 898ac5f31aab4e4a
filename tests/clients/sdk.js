// Lives a visitor's life with @rocket.chat/sdk and prints what its methods returned.
const { Livechat } = require('@rocket.chat/sdk');

const refused = (promise) => promise.then(() => null, ({ status, data }) => ({ status, data }));

(async () => {
  const client = new Livechat({ host: process.argv[2], logger: null });
  client.logger = null;
  const told = {};
  told.config = await client.config();
  told.stranger = await refused(client.room({ token: 'nobody' }));
  told.visitor = await client.grantVisitor({ visitor: { token: process.argv[3], name: 'Mary' } });
  told.next = await client.nextAgent();
  told.first = await client.room();
  told.again = await client.room();
  const rid = told.first._id;
  told.byId = await client.room({ rid });
  told.message = (await client.sendMessage({ rid, msg: 'hello' })).message;
  told.history = await client.loadMessages(rid, { limit: 5 });
  told.agent = await client.agent({ rid });
  told.status = await client.updateVisitorStatus('away');
  told.known = (await client.visitor()).visitor;
  told.closed = await client.closeChat({ rid });
  told.afterwards = await refused(client.room({ rid }));
  told.deleted = await client.deleteVisitor();
  process.stdout.write(JSON.stringify(told));
})();
