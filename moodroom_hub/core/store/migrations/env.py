"""What Alembic runs: the revisions, on the connection (and in the transaction) that the store hands over."""

from alembic import context

from moodroom_hub.core.store.models import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    # The store's transaction spans all revisions, in SQLite as well: a failed migration leaves nothing behind.
    transactional_ddl=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
