"""Clients of the live text.

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('live_clients',
    sa.Column('draft_id', sa.Integer(), nullable=False),
    sa.Column('client_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['draft_id'], ['drafts.id'], name=op.f('fk_live_clients_draft_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_live_clients_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('draft_id', 'client_id', name=op.f('pk_live_clients'))
    )
    with op.batch_alter_table('live_clients', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_live_clients_person_id'), ['person_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('live_clients', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_live_clients_person_id'))

    op.drop_table('live_clients')
